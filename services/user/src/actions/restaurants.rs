//! Restaurants as their service publishes them: what they are called, and what they cook.

use std::collections::BTreeSet;

use bus::HearError;
use contracts::{CatalogChanged, RestaurantId};
use database::WriteTransaction;

use crate::model::{AudienceChange, Subject};
use crate::store;
use crate::store::restaurant::{Cuisines, Restaurant};

/// Keeps what the restaurant is now, unless a newer state is known; the transaction is the event's. Of one that was deleted its name and
/// version stay, so that a late event brings nothing back.
pub(crate) async fn keep_restaurant(tx: &WriteTransaction, event: &CatalogChanged) -> Result<(), HearError> {
    if event.restaurant_id == RestaurantId::PLATFORM {
        return Ok(());
    }
    let before = store::restaurant::claim(tx, event.restaurant_id).await?;
    if before.version >= event.version {
        return Ok(());
    }
    let after = match &event.catalog {
        Some(catalog) => Restaurant {
            id: before.id,
            version: event.version,
            name: catalog.name.clone(),
            cuisines: Cuisines(catalog.cuisines.clone()),
            is_deleted: false,
        },
        None => {
            Restaurant { version: event.version, cuisines: Cuisines::default(), is_deleted: true, ..before.clone() }
        }
    };
    let is_new = before.version == 0 || before.is_deleted != after.is_deleted;
    if is_new || subjects(&before) != subjects(&after) {
        store::restaurant::replace_cuisines(tx, after.id, subjects(&after).into_iter().collect()).await?;
        store::audience_mark::insert(tx, [(AudienceChange::Catalog, after.id.to_string())]).await?;
    }
    Ok(store::restaurant::update(tx, after).await?)
}

/// By what a restaurant is found as one that cooks it.
pub(super) fn subjects(restaurant: &Restaurant) -> BTreeSet<Subject> {
    restaurant.cuisines.0.iter().map(|cuisine| Subject::cuisine(cuisine)).collect()
}
