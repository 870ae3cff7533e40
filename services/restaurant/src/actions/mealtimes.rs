//! When meals are served that are not served all day.

use contracts::{MealtimeId, RestaurantId};
use kit::idempotency::{Answer, Request};

use crate::error::{MenuPart, RestaurantError};
use crate::model::{MealtimeChange, MealtimeParts, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::mealtime::Mealtime;

use super::additions::{Addition, Begin, begin_addition};
use super::menu::record_menu;
use super::restaurants::begin_change;
use super::write_limit::WriteKind;

const MOST: usize = 20;

/// Writes down a mealtime, once for each `request`; answers what was answered first.
pub(crate) async fn create_mealtime(
    restaurants: &Restaurants,
    request: Option<Request>,
    addition: Addition<MealtimeParts>,
    answer: impl FnOnce(Mealtime) -> Answer,
) -> Result<Answer, RestaurantError> {
    let (tx, restaurant) = match begin_addition(restaurants, request, &addition).await? {
        Begin::Fresh(tx, restaurant) => (tx, restaurant),
        Begin::Answered(before) => return Ok(before),
    };
    if store::mealtime::list_of(&*tx, vec![restaurant.id]).await?.len() >= MOST {
        return Err(RestaurantError::TooMany(MenuPart::Mealtime));
    }
    let MealtimeParts { name, hours } = addition.parts;
    let id = MealtimeId(tx.sources().uuid());
    let mealtime = Mealtime { id, restaurant_id: restaurant.id, name, hours: hours.0 };
    store::mealtime::insert(&tx, &mealtime).await?;
    record_menu(&tx, restaurant).await?;
    Ok(tx.commit(answer(mealtime)).await?)
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_mealtime(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, MealtimeId),
    change: MealtimeChange,
) -> Result<Mealtime, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let found = store::mealtime::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Mealtime))?;
    let after = Mealtime {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        hours: change.hours.map_or_else(|| before.hours.clone(), |hours| hours.0),
        ..before
    };
    if after == before {
        return Ok(before);
    }
    store::mealtime::update(&tx, &after).await?;
    record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    Ok(after)
}

/// Deletes the mealtime, and answers what it was. One at which meals are served stays: they would be served all day.
pub(crate) async fn delete_mealtime(
    restaurants: &Restaurants,
    writer: Writer,
    (restaurant_id, id): (RestaurantId, MealtimeId),
) -> Result<Mealtime, RestaurantError> {
    let (tx, restaurant) = begin_change(restaurants, writer, restaurant_id, WriteKind::Content).await?;
    let found = store::mealtime::find(&tx, restaurant_id, id).await?;
    let before = found.ok_or(RestaurantError::NoSuch(MenuPart::Mealtime))?;
    if store::meal::count_at(&tx, restaurant_id, id).await? > 0 {
        return Err(RestaurantError::MealtimeInUse);
    }
    store::mealtime::delete(&tx, id).await?;
    record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    Ok(before)
}
