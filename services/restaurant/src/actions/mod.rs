//! What the service can do: one function per ability, each with a transaction of its own. Those that only events or tasks call are
//! called by their file.

mod additions;
pub(crate) mod address;
pub(crate) mod announcements;
mod arrange;
pub(crate) mod audience;
mod campaign_preview;
mod campaigns;
mod catalog;
mod categories;
mod demo;
mod groups;
mod hours;
mod import_first_platform;
mod meals;
mod mealtimes;
mod menu;
mod order_terms;
pub(crate) mod publish_all;
mod record_imported;
mod restaurants;
mod search;
mod search_names;
mod storefront;
pub(crate) mod trim;
pub(crate) mod unanswered;
mod write_limit;

pub(crate) use additions::Addition;
pub(crate) use arrange::{Move, move_category, move_meal};
pub(crate) use campaign_preview::{CampaignPreview, RestaurantPreview, preview_campaign, preview_new_campaign};
pub(crate) use campaigns::{
    CreateCampaign, WantedCampaigns, create_campaign, delete_campaign, find_campaign, list_campaigns,
    list_campaigns_by_restaurant, list_campaigns_of, update_campaign,
};
pub(crate) use catalog::FullRestaurant;
pub(crate) use categories::{create_category, delete_category, update_category};
pub use demo::{DemoManagers, DemoPlace, DemoTown, demo_cart, demo_restaurants};
pub(crate) use groups::{Switch, create_group, delete_group, update_group, update_option_availability};
pub(crate) use hours::{update_hours, update_pause};
pub use import_first_platform::import_first_platform;
pub(crate) use meals::{
    create_meal, delete_meal, find_meal, list_complements, list_meals, update_availability, update_meal,
};
pub(crate) use mealtimes::{create_mealtime, delete_mealtime, update_mealtime};
pub(crate) use menu::find_menu;
pub(crate) use order_terms::update_order_terms;
pub use publish_all::publish_all;
pub(crate) use record_imported::record_imported;
pub(crate) use restaurants::{
    CreateRestaurant, create_restaurant, delete_restaurant, find_restaurant, list_own_restaurants, update_restaurant,
};
pub(crate) use search::{FoundRestaurant, MealMatch, RestaurantSearch, search_restaurants};
pub(crate) use search_names::add_search_names;
pub(crate) use storefront::{Storefront, find_storefront};
