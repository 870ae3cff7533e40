//! A menu as a whole: read for whoever may see it, and recorded with each change.

use std::sync::Arc;

use bus::outbox;
use contracts::{CatalogChanged, RestaurantId};
use database::WriteTransaction;

use crate::error::RestaurantError;
use crate::model::Writer;
use crate::state::Restaurants;
use crate::store;
use crate::store::menu::Menu;
use crate::store::restaurant::Restaurant;

use super::catalog::{FullRestaurant, complete, running_campaigns};
use super::restaurants::find_seen;

/// Bytes of JSON of the most that other services are sent of a menu: half of what Kafka takes in one message when nothing is
/// set, for the restaurant itself travels with it. Menus of a thousand lines have a seventh of it.
const LARGEST_OFFER: usize = 512 * 1024;

/// The restaurant with its menu, if the reader may see it.
pub(crate) async fn find_menu(
    restaurants: &Restaurants,
    id: RestaurantId,
    reader: Option<Writer>,
) -> Result<(Restaurant, Arc<Menu>), RestaurantError> {
    let restaurant = find_seen(&restaurants.context.database, id, reader).await?;
    let menu = menu_of(restaurants, &restaurant).await?;
    Ok((restaurant, menu))
}

/// The menu of the restaurant, in its version or a later one.
pub(super) async fn menu_of(restaurants: &Restaurants, restaurant: &Restaurant) -> Result<Arc<Menu>, RestaurantError> {
    let (id, version) = (restaurant.id, restaurant.version);
    if let Some(menu) = restaurants.menus.get(id, version) {
        return Ok(menu);
    }
    // Read behind the version, it is that of this version or of a later one, under which nobody seeks it.
    let menu = Arc::new(store::menu::load(&restaurants.context.database, id).await?);
    restaurants.menus.put(id, version, Arc::clone(&menu), menu.weight());
    Ok(menu)
}

/// Records what the restaurant is in its next version, of which `after` is the row, and answers its menu. The row itself is
/// written where a search may find what has changed.
pub(super) async fn record_menu(tx: &WriteTransaction, after: Restaurant) -> database::Result<Menu> {
    if after.search_version == after.version {
        store::restaurant::update(tx, &after).await?;
    }
    let menu = store::menu::load(tx, after.id).await?;
    let full = complete(tx, vec![after]).await?;
    let mut campaigns = running_campaigns(tx, full.iter().map(|full| full.restaurant.id).collect()).await?;
    let event = |full: &FullRestaurant| {
        let running = campaigns.remove(&full.restaurant.id).unwrap_or_default();
        full.event(menu.offer.clone(), running, tx.now())
    };
    let events: Vec<CatalogChanged> = full.iter().map(event).collect();
    outbox::record_all(tx, &events).await?;
    Ok(menu)
}

/// The same of a change by which the menu may have grown: one that is too large to be sent to other services is refused.
pub(super) async fn record_grown_menu(tx: &WriteTransaction, after: Restaurant) -> Result<Menu, RestaurantError> {
    let menu = record_menu(tx, after).await?;
    if menu.offer_bytes()? > LARGEST_OFFER { Err(RestaurantError::MenuTooLarge) } else { Ok(menu) }
}
