//! A restaurant as diners see it: what it is, what it offers, and what it gives off.

use std::sync::Arc;

use contracts::RestaurantId;

use crate::error::RestaurantError;
use crate::model::Writer;
use crate::state::Restaurants;
use crate::store;
use crate::store::campaign::Campaign;
use crate::store::menu::Menu;

use super::catalog::{FullRestaurant, complete};
use super::menu::menu_of;
use super::restaurants::find_seen;

/// A restaurant with its menu, and with the campaigns that hold there now: its own before those of the platform.
pub(crate) struct Storefront {
    pub(crate) full: FullRestaurant,
    pub(crate) menu: Arc<Menu>,
    pub(crate) campaigns: Vec<Campaign>,
}

/// The restaurant as diners see it, if the reader may see it.
pub(crate) async fn find_storefront(
    restaurants: &Restaurants,
    id: RestaurantId,
    reader: Option<Writer>,
) -> Result<Storefront, RestaurantError> {
    let database = &restaurants.context.database;
    let restaurant = find_seen(database, id, reader).await?;
    let menu = menu_of(restaurants, &restaurant).await?;
    let now = restaurants.context.now();
    let own = store::campaign::list_of(database, Some(id)).await?;
    let of_platform = store::campaign::list_of(database, None).await?;
    let campaigns = own.into_iter().chain(of_platform).filter(|campaign| campaign.is_running(now)).collect();
    let full = complete(database, vec![restaurant]).await?.pop().ok_or(RestaurantError::NotFound)?;
    Ok(Storefront { full, menu, campaigns })
}
