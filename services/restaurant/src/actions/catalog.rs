//! A restaurant with all that belongs to it: as it is answered, and as other services hear of it.

use std::collections::HashMap;

use bus::outbox;
use clock::Timestamp;
use contracts::geography::Coordinates;
use contracts::{
    AddressDetails, AddressId, Catalog, CatalogCampaign, CatalogChanged, CatalogClosure, CatalogMenu, CatalogPlace,
    CatalogSpecialDay, RestaurantId,
};
use database::{Connection, WriteTransaction};

use crate::model::Cuisine;
use crate::store;
use crate::store::campaign::Campaign;
use crate::store::restaurant::Restaurant;

/// A restaurant with its cuisines, and with its address where that is known and its to use.
#[derive(Debug, Clone)]
pub(crate) struct FullRestaurant {
    pub(crate) restaurant: Restaurant,
    pub(crate) cuisines: Vec<Cuisine>,
    pub(crate) address: Option<AddressDetails>,
}

/// Adds what belongs to each of `restaurants`, in their order.
pub(super) async fn complete(
    database: &impl Connection,
    restaurants: Vec<Restaurant>,
) -> database::Result<Vec<FullRestaurant>> {
    if restaurants.is_empty() {
        return Ok(Vec::new());
    }
    let ids = restaurants.iter().map(|restaurant| restaurant.id).collect();
    let mut cuisines: HashMap<RestaurantId, Vec<Cuisine>> = HashMap::new();
    for (id, cuisine) in store::cuisine::list(database, ids).await? {
        cuisines.entry(id).or_default().push(cuisine);
    }
    let ids = restaurants.iter().map(|restaurant| restaurant.address_id).collect();
    let addresses = store::address::list(database, ids).await?;
    let addresses: HashMap<AddressId, AddressDetails> =
        addresses.into_iter().filter_map(|address| Some((address.id, address.details?))).collect();
    let full = restaurants.into_iter().map(|restaurant| {
        let address = addresses.get(&restaurant.address_id).filter(|_| restaurant.draft_reason.is_none()).cloned();
        FullRestaurant { cuisines: cuisines.remove(&restaurant.id).unwrap_or_default(), address, restaurant }
    });
    Ok(full.collect())
}

/// Records what each of `restaurants` is now, and answers them with all that belongs to them.
pub(super) async fn record_changed(
    tx: &WriteTransaction,
    restaurants: Vec<Restaurant>,
) -> database::Result<Vec<FullRestaurant>> {
    let full = complete(tx, restaurants).await?;
    outbox::record_all(tx, &events(tx, &full).await?).await?;
    Ok(full)
}

/// What each of `full` is now, as other services hear it.
pub(super) async fn events(tx: &WriteTransaction, full: &[FullRestaurant]) -> database::Result<Vec<CatalogChanged>> {
    // SQLite plans a query for none of them as a walk through all.
    if full.is_empty() {
        return Ok(Vec::new());
    }
    let there = full.iter().filter(|full| full.restaurant.deleted_at.is_none());
    let mut offers = store::menu::list_offers(tx, there.map(|full| full.restaurant.id).collect()).await?;
    let mut campaigns = running_campaigns(tx, full.iter().map(|full| full.restaurant.id).collect()).await?;
    let events = full.iter().map(|full| {
        let (_, offer) = offers.remove(&full.restaurant.id).unwrap_or_default();
        full.event(offer, campaigns.remove(&full.restaurant.id).unwrap_or_default(), tx.now())
    });
    Ok(events.collect())
}

/// The campaigns of each of these restaurants that have not ended.
pub(super) async fn running_campaigns(
    tx: &WriteTransaction,
    restaurants: Vec<RestaurantId>,
) -> database::Result<HashMap<RestaurantId, Vec<CatalogCampaign>>> {
    let mut campaigns: HashMap<RestaurantId, Vec<CatalogCampaign>> = HashMap::new();
    for campaign in store::campaign::list_running_of(tx, restaurants, tx.now()).await? {
        if let Some((id, running)) = campaign.restaurant_id.zip(campaign.of_catalog()) {
            campaigns.entry(id).or_default().push(running);
        }
    }
    Ok(campaigns)
}

/// Records what the platform's own campaigns are now.
pub(super) async fn record_platform_changed(tx: &WriteTransaction, version: i64) -> database::Result<()> {
    outbox::record(tx, &platform_event(tx, version).await?).await
}

/// What the platform's own campaigns are now, as other services hear of them.
pub(super) async fn platform_event(tx: &WriteTransaction, version: i64) -> database::Result<CatalogChanged> {
    let all = store::campaign::list_of(tx, None).await?;
    let running = all.iter().filter(|campaign| !campaign.has_ended(tx.now()));
    Ok(CatalogChanged {
        restaurant_id: RestaurantId::PLATFORM,
        version,
        catalog: None,
        campaigns: running.filter_map(Campaign::of_catalog).collect(),
        changed_at: tx.now(),
    })
}

impl FullRestaurant {
    /// Where it is, if that is known.
    pub(super) fn coordinates(&self) -> Option<Coordinates> {
        let address = self.address.as_ref()?;
        Coordinates::new(address.latitude?, address.longitude?).ok()
    }

    pub(super) fn event(
        &self,
        menu: CatalogMenu,
        campaigns: Vec<CatalogCampaign>,
        changed_at: Timestamp,
    ) -> CatalogChanged {
        let Restaurant { id: restaurant_id, version, deleted_at, .. } = self.restaurant;
        let catalog = deleted_at.is_none().then(|| Box::new(self.catalog(menu)));
        CatalogChanged { restaurant_id, version, catalog, campaigns, changed_at }
    }

    fn catalog(&self, menu: CatalogMenu) -> Catalog {
        let restaurant = &self.restaurant;
        let place = self.address.as_ref().map(|address| CatalogPlace {
            city: address.city.clone(),
            district: address.district.clone(),
            latitude: address.latitude,
            longitude: address.longitude,
            radius_m: restaurant.delivery_radius_m.map(i32::unsigned_abs),
            area: restaurant.delivery_area.as_ref().map(|ring| ring.points().to_vec()),
        });
        let special_days = restaurant.special_days.0.iter();
        let closures = restaurant.closures.0.iter();
        Catalog {
            owner_id: restaurant.owner_id,
            name: restaurant.name.as_str().to_owned(),
            cuisines: self.cuisines.iter().map(|cuisine| cuisine.name().as_str().to_owned()).collect(),
            status: restaurant.status.as_str().to_owned(),
            visible: restaurant.is_visible(),
            time_zone: restaurant.time_zone.as_str().to_owned(),
            opening_hours: restaurant.opening_hours.clone(),
            special_days: special_days
                .map(|day| CatalogSpecialDay { date: day.date, intervals: day.intervals.to_string() })
                .collect(),
            closures: closures.map(|closure| CatalogClosure { from: closure.from, until: closure.until }).collect(),
            paused_until: restaurant.paused_until,
            last_order_min: restaurant.last_order_min.unsigned_abs(),
            prep_time: restaurant.prep_time.unsigned_abs(),
            min_order_kurus: restaurant.min_order_kurus,
            delivery_fee_kurus: restaurant.delivery_fee_kurus,
            place,
            terms: restaurant.terms(),
            menu,
        }
    }
}
