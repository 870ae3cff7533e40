//! The order of a menu: what stands in front of what.

use contracts::{CategoryId, MealId, RestaurantId};

use crate::error::{MenuPart, RestaurantError};
use crate::model::{Writer, displaced, in_front_of};
use crate::state::Restaurants;
use crate::store;

use super::menu::record_menu;
use super::restaurants::begin_change;
use super::write_limit::WriteKind;

/// Something on a menu that is to stand right in front of another. Done twice it is done once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move<I> {
    pub(crate) moved: I,
    pub(crate) before: I,
}

/// Moves a meal on its menu.
pub(crate) async fn move_meal(
    restaurants: &Restaurants,
    writer: Writer,
    restaurant_id: RestaurantId,
    Move { moved, before }: Move<MealId>,
) -> Result<(), RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let meals = store::meal::list_of(&tx, vec![restaurant_id]).await?;
    let stand: Vec<(MealId, i16)> = meals.iter().map(|meal| (meal.id, meal.position)).collect();
    let order: Vec<MealId> = meals.iter().map(|meal| meal.id).collect();
    let order = in_front_of(&order, moved, before).ok_or(RestaurantError::NoSuch(MenuPart::Meal))?;
    let displaced = displaced(&stand, &order);
    if displaced.is_empty() {
        return Ok(());
    }
    for (id, position) in displaced {
        store::meal::update_position(&tx, id, position).await?;
    }
    record_menu(&tx, restaurant).await?;
    Ok(tx.commit().await?)
}

/// Moves a heading with its meals.
pub(crate) async fn move_category(
    restaurants: &Restaurants,
    writer: Writer,
    restaurant_id: RestaurantId,
    Move { moved, before }: Move<CategoryId>,
) -> Result<(), RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let categories = store::category::list_of(&tx, restaurant_id).await?;
    let stand: Vec<(CategoryId, i16)> = categories.iter().map(|category| (category.id, category.position)).collect();
    let order: Vec<CategoryId> = categories.iter().map(|category| category.id).collect();
    let order = in_front_of(&order, moved, before).ok_or(RestaurantError::NoSuch(MenuPart::Category))?;
    let displaced = displaced(&stand, &order);
    if displaced.is_empty() {
        return Ok(());
    }
    for (id, position) in displaced {
        store::category::update_position(&tx, id, position).await?;
    }
    record_menu(&tx, restaurant).await?;
    Ok(tx.commit().await?)
}
