//! Meals: writing one down, reading, changing and deleting it, and switching it off.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use contracts::{CategoryId, MealId, MealtimeId, OptionGroupId, RestaurantId};
use database::WriteTransaction;
use kit::idempotency::{Answer, Request};

use crate::error::{MenuPart, Place, RestaurantError};
use crate::model::{Availability, MOST_MEALS, MealChange, MealParts, Position, SoldOutUntil, TimeZone, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::meal::Meal;
use crate::store::menu::{FullMeal, Menu};
use crate::store::restaurant::Restaurant;

use super::additions::{Addition, Begin, begin_addition};
use super::menu::{find_menu, record_grown_menu, record_menu};
use super::restaurants::begin_change;
use super::write_limit::WriteKind;

/// What is sold out for longer is not on the menu.
const SOLD_OUT_WINDOW: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What else of the restaurant a meal names.
struct Named<'a> {
    category: Option<CategoryId>,
    mealtime: Option<MealtimeId>,
    groups: &'a [OptionGroupId],
    complements: &'a [MealId],
}

/// Writes down a meal, once for each `request`; answers what was answered first.
pub(crate) async fn create_meal(
    restaurants: &Restaurants,
    request: Option<Request>,
    addition: Addition<MealParts>,
    answer: impl FnOnce(FullMeal) -> Answer,
) -> Result<Answer, RestaurantError> {
    let (tx, restaurant) = match begin_addition(restaurants, request, &addition).await? {
        Begin::Fresh(tx, restaurant) => (tx, restaurant),
        Begin::Answered(before) => return Ok(before),
    };
    let Addition { restaurant_id, parts, .. } = addition;
    if store::meal::count(&tx, restaurant_id).await? >= MOST_MEALS {
        return Err(RestaurantError::TooMany(MenuPart::Meal));
    }
    let id = MealId(tx.sources().uuid());
    let (groups, complements) = (parts.groups.0.clone(), parts.complements.0.clone());
    let named =
        Named { category: parts.category_id, mealtime: parts.mealtime_id, groups: &groups, complements: &complements };
    check_named(&tx, (restaurant_id, id), &named).await?;
    let position = match parts.position {
        Some(position) => position,
        None => Position::behind(store::meal::last_position(&tx, restaurant_id).await?),
    };
    store::meal::insert(&tx, &Meal::new(id, restaurant_id, parts, position, tx.now())).await?;
    store::meal_group::replace(&tx, (restaurant_id, id), &groups).await?;
    store::complement::replace(&tx, (restaurant_id, id), &complements).await?;
    let (time_zone, now) = (restaurant.time_zone, tx.now());
    let menu = record_grown_menu(&tx, restaurant.found_anew(now)).await?;
    let created = meal_of(&menu, id, time_zone, now)?;
    Ok(tx.commit(answer(created)).await?)
}

/// The menu's meals; none where the reader may not see the restaurant.
pub(crate) async fn list_meals(
    restaurants: &Restaurants,
    id: RestaurantId,
    reader: Option<Writer>,
) -> Result<Vec<FullMeal>, RestaurantError> {
    let (restaurant, menu) = match find_menu(restaurants, id, reader).await {
        Err(RestaurantError::NotFound) => return Ok(Vec::new()),
        found => found?,
    };
    Ok(menu.meals_at(restaurant.time_zone, restaurants.context.now()))
}

/// The meal, if the reader may see its restaurant.
pub(crate) async fn find_meal(
    restaurants: &Restaurants,
    id: MealId,
    reader: Option<Writer>,
) -> Result<FullMeal, RestaurantError> {
    let (restaurant, menu) = find_menu_with(restaurants, id, reader).await?;
    meal_of(&menu, id, restaurant.time_zone, restaurants.context.now())
}

/// What goes well with the meal and can be had now.
pub(crate) async fn list_complements(
    restaurants: &Restaurants,
    id: MealId,
    reader: Option<Writer>,
) -> Result<Vec<FullMeal>, RestaurantError> {
    let (restaurant, menu) = find_menu_with(restaurants, id, reader).await?;
    Ok(menu.complements_at(id, restaurant.time_zone, restaurants.context.now()))
}

/// Changes what `change` names and leaves the rest. A meal stays on its menu: `named` may be the restaurant's id and no other.
pub(crate) async fn update_meal(
    restaurants: &Restaurants,
    writer: Writer,
    (id, named): (MealId, Option<RestaurantId>),
    change: MealChange,
) -> Result<FullMeal, RestaurantError> {
    let (tx, restaurant, before) = begin_meal(restaurants, writer, id, WriteKind::Content).await?;
    if named.is_some_and(|named| named != restaurant.id) {
        return Err(RestaurantError::Moved);
    }
    let after = before.clone().changed(&change, before.updated_at);
    let owner = (restaurant.id, id);
    let groups = change.groups.as_ref().map(|groups| groups.0.as_slice());
    let complements = change.complements.as_ref().map(|complements| complements.0.as_slice());
    let named = Named {
        category: after.category_id,
        mealtime: after.mealtime_id,
        groups: groups.unwrap_or_default(),
        complements: complements.unwrap_or_default(),
    };
    check_named(&tx, owner, &named).await?;
    let (known_groups, known_complements) = linked(&tx, owner).await?;
    let groups = groups.filter(|groups| *groups != known_groups);
    let complements = complements.filter(|complements| *complements != known_complements);
    if after == before && groups.is_none() && complements.is_none() {
        return meal_of(&store::menu::load(&tx, restaurant.id).await?, id, restaurant.time_zone, tx.now());
    }
    store::meal::update(&tx, &Meal { updated_at: tx.now(), ..after.clone() }).await?;
    if let Some(groups) = groups {
        store::meal_group::replace(&tx, owner, groups).await?;
    }
    if let Some(complements) = complements {
        store::complement::replace(&tx, owner, complements).await?;
    }
    let restaurant = if after.reads_like(&before) { restaurant } else { restaurant.found_anew(tx.now()) };
    let (time_zone, now) = (restaurant.time_zone, tx.now());
    let menu = record_grown_menu(&tx, restaurant).await?;
    tx.commit().await?;
    meal_of(&menu, id, time_zone, now)
}

/// Switches the meal on or off. What is so already is no change.
pub(crate) async fn update_availability(
    restaurants: &Restaurants,
    writer: Writer,
    id: MealId,
    availability: Availability,
) -> Result<FullMeal, RestaurantError> {
    let (tx, restaurant, before) = begin_meal(restaurants, writer, id, WriteKind::Switch).await?;
    let (is_available, sold_out_until) = match availability {
        Availability::Available => (true, None),
        Availability::Unavailable => (false, None),
        Availability::SoldOut(until) => (false, Some(end_of(until, &restaurant, tx.now())?)),
    };
    if (before.is_available, before.sold_out_until) == (is_available, sold_out_until) {
        return meal_of(&store::menu::load(&tx, restaurant.id).await?, id, restaurant.time_zone, tx.now());
    }
    let after = Meal { is_available, sold_out_until, updated_at: tx.now(), ..before };
    store::meal::update(&tx, &after).await?;
    let (time_zone, now) = (restaurant.time_zone, tx.now());
    let menu = record_menu(&tx, restaurant).await?;
    tx.commit().await?;
    meal_of(&menu, id, time_zone, now)
}

/// Deletes the meal, and answers what it was. It goes well with nothing any more. What stays is a row that says so, for whoever
/// imports meals.
pub(crate) async fn delete_meal(
    restaurants: &Restaurants,
    writer: Writer,
    id: MealId,
) -> Result<FullMeal, RestaurantError> {
    let (tx, restaurant, before) = begin_meal(restaurants, writer, id, WriteKind::Content).await?;
    let was = store::menu::load(&tx, restaurant.id).await?.meal(id, restaurant.time_zone, tx.now());
    let owner = (restaurant.id, id);
    store::meal::update(&tx, &before.deleted(tx.now())).await?;
    store::meal_group::replace(&tx, owner, &[]).await?;
    store::complement::replace(&tx, owner, &[]).await?;
    store::complement::delete_other(&tx, owner).await?;
    record_menu(&tx, restaurant.found_anew(tx.now())).await?;
    tx.commit().await?;
    was.ok_or(RestaurantError::NoSuch(MenuPart::Meal))
}

/// The restaurant of the meal with its menu.
async fn find_menu_with(
    restaurants: &Restaurants,
    id: MealId,
    reader: Option<Writer>,
) -> Result<(Restaurant, Arc<Menu>), RestaurantError> {
    let unknown = RestaurantError::NoSuch(MenuPart::Meal);
    let Some(meal) = store::meal::find(&restaurants.context.database, id).await? else { return Err(unknown) };
    match find_menu(restaurants, meal.restaurant_id, reader).await {
        Err(RestaurantError::NotFound) => Err(unknown),
        found => found,
    }
}

/// Begins a transaction that has the meal's restaurant to itself, in its next version, and the meal as it is then.
async fn begin_meal(
    restaurants: &Restaurants,
    writer: Writer,
    id: MealId,
    kind: WriteKind,
) -> Result<(WriteTransaction, Restaurant, Meal), RestaurantError> {
    let unknown = RestaurantError::NoSuch(MenuPart::Meal);
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let Some(known) = store::meal::find(&restaurants.context.database, id).await? else { return Err(unknown) };
    let begun = begin_change(restaurants, writer, known.restaurant_id, kind).await;
    let (tx, restaurant) = match begun {
        Err(RestaurantError::NotFound) => return Err(unknown),
        begun => begun?,
    };
    // No meal moves to another restaurant, but somebody may have deleted it meanwhile.
    let Some(meal) = store::meal::find(&tx, id).await? else { return Err(unknown) };
    Ok((tx, restaurant, meal))
}

/// The meal on its menu, as it is at `now`.
fn meal_of(menu: &Menu, id: MealId, time_zone: TimeZone, now: Timestamp) -> Result<FullMeal, RestaurantError> {
    menu.meal(id, time_zone, now).ok_or(RestaurantError::NoSuch(MenuPart::Meal))
}

/// The groups of the meal and what goes well with it, each in their order.
async fn linked(
    tx: &WriteTransaction,
    (restaurant, meal): (RestaurantId, MealId),
) -> Result<(Vec<OptionGroupId>, Vec<MealId>), RestaurantError> {
    let groups = store::meal_group::list_of(tx, vec![restaurant]).await?;
    let complements = store::complement::list_of(tx, restaurant).await?;
    let groups = groups.into_iter().filter(|(of, _)| *of == meal).map(|(_, group)| group);
    let complements = complements.into_iter().filter(|(of, _)| *of == meal).map(|(_, other)| other);
    Ok((groups.collect(), complements.collect()))
}

/// All that a meal names is the same restaurant's.
async fn check_named(
    tx: &WriteTransaction,
    (restaurant, meal): (RestaurantId, MealId),
    named: &Named<'_>,
) -> Result<(), RestaurantError> {
    if let Some(id) = named.category
        && store::category::find(tx, restaurant, id).await?.is_none()
    {
        return Err(RestaurantError::OfAnother(Place::Field("category_id")));
    }
    if let Some(id) = named.mealtime
        && store::mealtime::find(tx, restaurant, id).await?.is_none()
    {
        return Err(RestaurantError::OfAnother(Place::Field("mealtime_id")));
    }
    if !named.groups.is_empty() {
        let own = store::option_group::list_existing(tx, restaurant, named.groups.to_vec()).await?;
        if let Some(row) = named.groups.iter().position(|group| !own.contains(group)) {
            return Err(RestaurantError::OfAnother(Place::Row("group_ids", row)));
        }
    }
    if !named.complements.is_empty() {
        let own = store::meal::list_existing(tx, restaurant, named.complements.to_vec()).await?;
        if let Some(row) = named.complements.iter().position(|other| *other == meal || !own.contains(other)) {
            return Err(RestaurantError::OfAnother(Place::Row("complementary_ids", row)));
        }
    }
    Ok(())
}

/// When that is.
fn end_of(until: SoldOutUntil, restaurant: &Restaurant, now: Timestamp) -> Result<Timestamp, RestaurantError> {
    match until {
        SoldOutUntil::EndOfDay => Ok(restaurant.schedule().opening_day_end(now)),
        SoldOutUntil::Instant(until) if until <= now => Err(RestaurantError::SoldOutIsOver),
        SoldOutUntil::Instant(until) if until > now + SOLD_OUT_WINDOW => Err(RestaurantError::SoldOutTooLong),
        SoldOutUntil::Instant(until) => Ok(until),
    }
}
