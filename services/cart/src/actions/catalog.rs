//! What restaurants offer: kept as they publish it, and read to price carts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bus::HearError;
use contracts::{Catalog, CatalogChanged, CatalogMeal, MealId, RestaurantId};
use database::{Connection, WriteTransaction};

use crate::error::CartError;
use crate::model::{self, ChoiceRefusal, PricedCart, RestaurantCopy, WantedLine};
use crate::state::Carts;
use crate::store;
use crate::store::removed_meal::RemovedMeal;
use crate::store::restaurant::Restaurant;

/// How long the names of removed meals are kept: no cart of a stranger lives longer without a change.
const REMOVED_MEAL_RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Keeps what the restaurant is now, unless a newer state is known; the transaction is the event's. Meals that are no longer on
/// its menu stay known by name. The platform has campaigns alone.
pub(crate) async fn keep_catalog(tx: &WriteTransaction, event: &CatalogChanged) -> Result<(), HearError> {
    let before = store::restaurant::claim(tx, event.restaurant_id).await?;
    if before.version >= event.version {
        return Ok(());
    }
    let catalog = event.catalog.as_deref().cloned();
    if let Some(unknown) = catalog.as_ref().filter(|catalog| RestaurantCopy::is_elsewhere(catalog)) {
        let (restaurant_id, time_zone) = (before.id, &unknown.time_zone);
        tracing::warn!(%restaurant_id, time_zone, "a time zone is not known here; the hours are taken for Istanbul's");
    }
    let name = catalog.as_ref().map_or_else(|| before.name.clone(), |catalog| catalog.name.clone());
    // Who ran it brings its last orders to their end.
    let owner_of = |catalog: &Option<Catalog>| catalog.as_ref().map(|catalog| catalog.owner_id);
    let owner_id = owner_of(&catalog).or(owner_of(&before.catalog)).or(before.owner_id);
    let after = Restaurant { id: before.id, version: event.version, name, owner_id, catalog };
    store::campaign::replace(tx, event.restaurant_id, event.campaigns.clone()).await?;
    keep_meals(tx, &before, &after).await?;
    Ok(store::restaurant::update(tx, after).await?)
}

/// Whose meals they are, and what those were that are none any more.
async fn keep_meals(tx: &WriteTransaction, before: &Restaurant, after: &Restaurant) -> database::Result<()> {
    let ids = |restaurant: &Restaurant| meals(restaurant).iter().map(|meal| meal.id).collect::<HashSet<_>>();
    let (had, has) = (ids(before), ids(after));
    let back: Vec<MealId> = has.difference(&had).copied().collect();
    if !back.is_empty() {
        store::meal::insert(tx, before.id, back.clone()).await?;
        if before.version > 0 {
            store::removed_meal::delete(tx, before.id, back).await?;
        }
    }
    let removed: HashMap<MealId, RemovedMeal> = meals(before)
        .iter()
        .filter(|meal| !has.contains(&meal.id))
        .map(|CatalogMeal { id: meal_id, name, .. }| {
            let (restaurant_id, removed_at) = (before.id, tx.now());
            (*meal_id, RemovedMeal { restaurant_id, meal_id: *meal_id, name: name.clone(), removed_at })
        })
        .collect();
    if !removed.is_empty() {
        store::meal::delete(tx, before.id, removed.keys().copied().collect()).await?;
        store::removed_meal::insert(tx, removed.into_values().collect()).await?;
    }
    store::removed_meal::trim(tx, before.id, tx.now() - REMOVED_MEAL_RETENTION).await
}

fn meals(restaurant: &Restaurant) -> &[CatalogMeal] {
    restaurant.catalog.as_ref().map_or(&[], |catalog| &catalog.menu.meals)
}

/// Lets the next cart of the restaurant be priced by what the database knows now.
pub(crate) fn forget(carts: &Carts, event: &CatalogChanged) {
    carts.catalogs.forget(event.restaurant_id);
}

/// What is known of the restaurant; up to a second late where another process has heard of a change.
pub(crate) async fn find_restaurant(carts: &Carts, id: RestaurantId) -> Result<Option<Arc<RestaurantCopy>>, CartError> {
    find_restaurant_by(carts, &carts.context.database, id).await
}

/// The restaurant whose menu has the meal.
pub(crate) async fn find_restaurant_of(carts: &Carts, meal_id: MealId) -> Result<RestaurantId, CartError> {
    let meal = store::meal::list(&carts.context.database, vec![meal_id]).await?.pop();
    Ok(meal.map(|meal| meal.restaurant_id).ok_or(ChoiceRefusal::UnknownMeal)?)
}

/// The same as [`find_restaurant`] by a connection that is open.
pub(super) async fn find_restaurant_by(
    carts: &Carts,
    database: &impl Connection,
    id: RestaurantId,
) -> Result<Option<Arc<RestaurantCopy>>, CartError> {
    let now = carts.context.now();
    if let Some(fresh) = carts.catalogs.fresh(id, now) {
        return Ok(fresh);
    }
    let version = store::restaurant::find_version(database, id).await?;
    if let Some(same) = carts.catalogs.renew(id, version, now) {
        return Ok(same);
    }
    let row = store::restaurant::find(database, id).await?;
    let version = row.as_ref().map(|row| row.version);
    let copy = row.map(|row| Arc::new(RestaurantCopy::from(row)));
    carts.catalogs.put(id, version, copy.clone(), now);
    Ok(copy)
}

/// Prices `lines`, all of one restaurant. Where a cart names none, or none that can be, nothing is known of it.
pub(crate) async fn price(
    carts: &Carts,
    restaurant_id: Option<RestaurantId>,
    lines: &[WantedLine<'_>],
) -> Result<PricedCart, CartError> {
    let now = carts.context.now();
    let Some(id) = restaurant_id else {
        return Ok(model::price(None, &HashMap::new(), lines, now));
    };
    let restaurant = find_restaurant(carts, id).await?;
    let wanted = lines.iter().filter_map(|line| line.meal_id);
    let is_missing = |meal: &MealId| restaurant.as_ref().is_some_and(|restaurant| restaurant.meal(*meal).is_none());
    let missing: Vec<MealId> = wanted.filter(is_missing).collect();
    let removed = match missing.as_slice() {
        [] => HashMap::new(),
        _ => store::removed_meal::names(&carts.context.database, id, missing).await?,
    };
    let heard_until = carts.catalogs_heard_until.get();
    // Where the clock was set back since, nothing is old.
    let catalog_age = heard_until.map(|until| (now - until).to_std().unwrap_or_default());
    Ok(PricedCart { catalog_age, ..model::price(restaurant.as_deref(), &removed, lines, now) })
}
