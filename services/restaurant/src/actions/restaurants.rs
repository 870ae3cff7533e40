//! Restaurants: writing one down, reading, changing and deleting it.

use contracts::{RestaurantId, Role, UserId};
use database::{Database, WriteTransaction};
use kit::PageRequest;
use kit::idempotency::{self, Answer, Begun, Request};

use crate::error::RestaurantError;
use crate::model::{Cuisine, Cuisines, DraftReason, RestaurantChange, RestaurantParts, Writer};
use crate::state::Restaurants;
use crate::store;
use crate::store::address::Address;
use crate::store::restaurant::Restaurant;

use super::announcements;
use super::catalog::{FullRestaurant, complete, record_changed};
use super::write_limit::{WriteKind, count_write};

/// Nobody runs more of them by hand.
const MOST_OF_AN_OWNER: u64 = 100;

/// A restaurant to be written down.
pub(crate) struct CreateRestaurant {
    pub(crate) writer: Writer,
    /// Whose it is, where an admin says so.
    pub(crate) owner_id: Option<UserId>,
    pub(crate) parts: RestaurantParts,
}

/// Writes down a restaurant, once for each `request`; answers what was answered first. It is a draft while its address is not
/// known here.
pub(crate) async fn create_restaurant(
    restaurants: &Restaurants,
    request: Option<Request>,
    CreateRestaurant { writer, owner_id, parts }: CreateRestaurant,
    answer: impl FnOnce(&Restaurant) -> Answer,
) -> Result<Answer, RestaurantError> {
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let owner_id = writer.owner_of_new(owner_id);
    let tx = store::restaurant::begin_write(&restaurants.context.database, owner_id).await?;
    let tx = match idempotency::begin(tx, request).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(RestaurantError::KeyReused),
    };
    if store::restaurant::count(&tx, owner_id).await? >= MOST_OF_AN_OWNER {
        return Err(RestaurantError::TooManyRestaurants);
    }
    count_write(&tx, writer, WriteKind::Content).await?;
    let address = store::address::claim(&tx, parts.address_id).await?;
    let cuisines = parts.cuisines.clone();
    let restaurant = Restaurant::new(RestaurantId(tx.sources().uuid()), owner_id, parts, tx.now());
    let restaurant = placed_at(restaurant, &address)?;
    store::restaurant::insert(&tx, &restaurant).await?;
    store::cuisine::replace(&tx, restaurant.id, &cuisines).await?;
    record_changed(&tx, vec![restaurant.clone()]).await?;
    Ok(tx.commit(answer(&restaurant)).await?)
}

/// One page of the owner's restaurants, drafts among them, and the row behind it.
pub(crate) async fn list_own_restaurants(
    restaurants: &Restaurants,
    owner_id: UserId,
    page: PageRequest,
) -> Result<Vec<FullRestaurant>, RestaurantError> {
    let database = &restaurants.context.database;
    let rows = store::restaurant::list_of(database, owner_id, page).await?;
    Ok(complete(database, rows).await?)
}

/// The restaurant, if the reader may see it.
pub(crate) async fn find_restaurant(
    restaurants: &Restaurants,
    id: RestaurantId,
    reader: Option<Writer>,
) -> Result<FullRestaurant, RestaurantError> {
    let database = &restaurants.context.database;
    let seen = find_seen(database, id, reader).await?;
    complete(database, vec![seen]).await?.pop().ok_or(RestaurantError::NotFound)
}

/// The same without what belongs to it.
pub(super) async fn find_seen(
    database: &Database,
    id: RestaurantId,
    reader: Option<Writer>,
) -> Result<Restaurant, RestaurantError> {
    let found = store::restaurant::find(database, id).await?;
    let seen = found.filter(|restaurant| restaurant.is_visible() || is_theirs(reader, restaurant));
    seen.ok_or(RestaurantError::NotFound)
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_restaurant(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
    change: RestaurantChange,
) -> Result<FullRestaurant, RestaurantError> {
    let (tx, before) = begin_change(restaurants, writer, id, WriteKind::Content).await?;
    let mut after = before.clone().changed(&change);
    if after.address_id != before.address_id {
        let address = store::address::claim(&tx, after.address_id).await?;
        after = placed_at(after, &address)?;
    } else if after.delivery_area != before.delivery_area
        && let Some(address) = store::address::find(&tx, after.address_id).await?
    {
        after = placed_at(after, &address)?;
    }
    let known: Vec<Cuisine> =
        store::cuisine::list(&tx, vec![id]).await?.into_iter().map(|(_, cuisine)| cuisine).collect();
    let cuisines = change.cuisines.filter(|cuisines| cuisines.0 != known);
    if after == before && cuisines.is_none() {
        return leave(tx, before).await;
    }
    if let Some(cuisines) = cuisines {
        store::cuisine::replace(&tx, id, &cuisines).await?;
    }
    commit_change(tx, after).await
}

/// Deletes the restaurant with its menu, and answers what it was. What stays is a row that says so, in its last version.
pub(crate) async fn delete_restaurant(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
) -> Result<FullRestaurant, RestaurantError> {
    let (tx, before) = begin_change(restaurants, writer, id, WriteKind::Content).await?;
    let was = complete(&tx, vec![before.clone()]).await?.pop().ok_or(RestaurantError::NotFound)?;
    let deleted = before.deleted(tx.now());
    announcements::follow(&tx, &deleted).await?;
    store::campaign::delete_of(&tx, id).await?;
    store::menu::delete_of(&tx, id).await?;
    store::cuisine::replace(&tx, id, &Cuisines::default()).await?;
    store::audience::delete(&tx, id).await?;
    commit_change(tx, deleted).await?;
    Ok(was)
}

/// Begins a transaction that has the restaurant to itself, in its next version. Who may not change it learns no more of it than
/// whoever asks for it.
pub(super) async fn begin_change(
    restaurants: &Restaurants,
    writer: Writer,
    id: RestaurantId,
    kind: WriteKind,
) -> Result<(WriteTransaction, Restaurant), RestaurantError> {
    if !writer.may_own() {
        return Err(RestaurantError::NotYours);
    }
    let tx = restaurants.context.database.begin_read_committed().await?;
    let restaurant = begin_version(&tx, writer, id, kind).await?;
    Ok((tx, restaurant))
}

/// The same in a transaction that was begun.
pub(super) async fn begin_version(
    tx: &WriteTransaction,
    writer: Writer,
    id: RestaurantId,
    kind: WriteKind,
) -> Result<Restaurant, RestaurantError> {
    let owner_id = match writer.role {
        Role::Admin => None,
        Role::Manager => Some(writer.user_id),
        Role::User => return Err(RestaurantError::NotYours),
    };
    if let Some(restaurant) = store::restaurant::begin_version(tx, id, owner_id).await? {
        count_write(tx, writer, kind).await?;
        return if restaurant.search_version == 0 { decide_imported(tx, restaurant).await } else { Ok(restaurant) };
    }
    let is_seen = store::restaurant::find(tx, id).await?.is_some_and(|restaurant| restaurant.is_visible());
    Err(if is_seen { RestaurantError::NotYours } else { RestaurantError::NotFound })
}

/// A restaurant that was imported a moment ago, or whose meals were, as it is once it is decided whether its address is known: whatever
/// changes it first records that. The restaurant is the transaction's already and its address comes behind it, as in all changes: in
/// another order two could wait for each other.
pub(super) async fn decide_imported(
    tx: &WriteTransaction,
    imported: Restaurant,
) -> Result<Restaurant, RestaurantError> {
    let address = store::address::claim(tx, imported.address_id).await?;
    let draft_reason = DraftReason::of(imported.owner_id, address.written());
    let decided = Restaurant { draft_reason, ..imported.found_anew(tx.now()) };
    announcements::follow(tx, &decided).await?;
    Ok(decided)
}

/// Leaves the restaurant in the version that it had: nothing of it is to change, and nobody hears of that.
pub(super) async fn leave(tx: WriteTransaction, before: Restaurant) -> Result<FullRestaurant, RestaurantError> {
    complete(&tx, vec![before]).await?.pop().ok_or(RestaurantError::NotFound)
}

/// Writes and records the next version of a restaurant, and makes it true.
pub(super) async fn commit_change(tx: WriteTransaction, after: Restaurant) -> Result<FullRestaurant, RestaurantError> {
    let after = Restaurant { updated_at: tx.now(), ..after.found_anew(tx.now()) };
    store::restaurant::update(&tx, &after).await?;
    announcements::follow(&tx, &after).await?;
    let full = record_changed(&tx, vec![after]).await?.pop().ok_or(RestaurantError::NotFound)?;
    tx.commit().await?;
    Ok(full)
}

pub(super) fn is_theirs(reader: Option<Writer>, restaurant: &Restaurant) -> bool {
    reader.is_some_and(|reader| reader.may_change(restaurant.owner_id))
}

/// The restaurant at its address, where its area has to be, too. One that is not known yet says that later, by making a draft.
pub(super) fn placed_at(restaurant: Restaurant, address: &Address) -> Result<Restaurant, RestaurantError> {
    let draft_reason = restaurant.draft_reason_at(address);
    if draft_reason == Some(DraftReason::DeliveryAreaElsewhere) {
        restaurant.check_area(address).map_err(RestaurantError::AreaInvalid)?;
    }
    Ok(Restaurant { draft_reason, ..restaurant })
}
