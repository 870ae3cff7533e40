//! The headings of a menu.

use contracts::{CategoryId, RestaurantId};
use kit::idempotency::{Answer, Request};

use crate::error::{MenuPart, RestaurantError};
use crate::model::{CategoryChange, CategoryParts, Position, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::category::Category;

use super::additions::{Addition, Begin, begin_addition};
use super::menu::record_menu;
use super::restaurants::begin_change;
use super::write_limit::WriteKind;

const MOST: usize = 100;

/// Writes down a heading, once for each `request`; answers what was answered first.
pub(crate) async fn create_category(
    restaurants: &Restaurants,
    request: Option<Request>,
    addition: Addition<CategoryParts>,
    answer: impl FnOnce(Category) -> Answer,
) -> Result<Answer, RestaurantError> {
    let (tx, restaurant) = match begin_addition(restaurants, request, &addition).await? {
        Begin::Fresh(tx, restaurant) => (tx, restaurant),
        Begin::Answered(before) => return Ok(before),
    };
    let known = store::category::list_of(&*tx, restaurant.id).await?;
    if known.len() >= MOST {
        return Err(RestaurantError::TooMany(MenuPart::Category));
    }
    let CategoryParts { name, position } = addition.parts;
    let position = position.unwrap_or_else(|| Position::behind(known.last().map(|last| last.position))).0;
    let category = Category { id: CategoryId(tx.sources().uuid()), restaurant_id: restaurant.id, name, position };
    store::category::insert(&tx, &category).await?;
    record_menu(&tx, restaurant).await?;
    Ok(tx.commit(answer(category)).await?)
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_category(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, CategoryId),
    change: CategoryChange,
) -> Result<Category, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let found = store::category::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Category))?;
    let after = Category {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        position: change.position.map_or(before.position, |position| position.0),
        ..before
    };
    if after == before {
        return Ok(before);
    }
    store::category::update(&tx, &after).await?;
    record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    Ok(after)
}

/// Deletes the heading, and answers what it was. Its meals stay, without one.
pub(crate) async fn delete_category(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, CategoryId),
) -> Result<Category, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let found = store::category::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Category))?;
    store::meal::leave_category(&tx, restaurant_id, id).await?;
    store::category::delete(&tx, id).await?;
    record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    Ok(before)
}
