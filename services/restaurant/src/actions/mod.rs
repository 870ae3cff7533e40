//! What the service can do: one function per ability, each with a transaction of its own. Those that only events call are called
//! by their file.

pub(crate) mod address;
mod catalog;
mod hours;
mod meals;
mod menu;
mod offers;
mod restaurants;

pub(crate) use catalog::FullRestaurant;
pub(crate) use hours::{update_hours, update_pause};
pub(crate) use meals::{
    CreateMeal, create_meal, delete_meal, find_meal, list_complements, list_meals, update_availability, update_meal,
};
pub(crate) use menu::FullMeal;
pub(crate) use restaurants::{
    CreateRestaurant, create_restaurant, delete_restaurant, find_restaurant, list_own_restaurants, list_restaurants,
    update_restaurant,
};
