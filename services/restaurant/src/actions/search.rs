//! Finding restaurants: lists and searches ask the same index.

use std::collections::HashMap;

use contracts::geography::Coordinates;
use contracts::{MealId, Price, RestaurantId};
use database::Database;
use search::{Found, Hit, Index, Query, Search};
use uuid::Uuid;

use crate::error::RestaurantError;
use crate::model::{DeliveryPlace, Facts, Filters, ListPage, MenuName, OpenAt, Order};
use crate::state::Restaurants;
use crate::store;
use crate::store::restaurant::Restaurant;
use crate::store::search::{Dish, WantedDishes};

use super::catalog::{FullRestaurant, complete};

/// What somebody wants to find.
#[derive(Debug, Clone)]
pub(crate) struct RestaurantSearch {
    /// `None` finds all.
    pub(crate) query: Option<Query>,
    pub(crate) filters: Filters,
    /// Only those that are open.
    pub(crate) is_open_now: bool,
    /// Only those that deliver to where whoever asks is.
    pub(crate) delivers: bool,
    pub(crate) order: Order,
    /// Where whoever asks is.
    pub(crate) from: Option<Coordinates>,
    pub(crate) page: ListPage,
}

/// One page of what was found.
pub(crate) struct FoundPage {
    pub(crate) restaurants: Vec<FoundRestaurant>,
    /// Of all pages.
    pub(crate) total: u64,
}

/// A restaurant that was found.
pub(crate) struct FoundRestaurant {
    pub(crate) full: FullRestaurant,
    /// How far it is, if both ends are known.
    pub(crate) distance: Option<u32>,
    /// The meals by which it was found, the best first.
    pub(crate) matches: Vec<MealMatch>,
}

/// A meal by which a restaurant was found.
pub(crate) struct MealMatch {
    pub(crate) id: MealId,
    pub(crate) name: MenuName,
    pub(crate) price: Price,
}

/// One page of the restaurants that everybody sees and that fit.
pub(crate) async fn search_restaurants(
    restaurants: &Restaurants,
    search: RestaurantSearch,
) -> Result<FoundPage, RestaurantError> {
    let (now, from) = (restaurants.context.now(), search.from);
    let open_at = search.is_open_now.then(|| OpenAt::new(now));
    let Found { total, hits } = restaurants.index.search(move |index| find(index, search, open_at)).await?;
    Ok(FoundPage { restaurants: show(restaurants, hits, from).await?, total: total as u64 })
}

fn find(index: &Index<Facts>, search: RestaurantSearch, open_at: Option<OpenAt>) -> Found {
    let RestaurantSearch { query, filters, delivers, order, from, page, .. } = search;
    let delivers_to = from.filter(|_| delivers).map(|coordinates| {
        let city = filters.city.clone().or_else(|| nearest_city(index, coordinates)).unwrap_or_default();
        DeliveryPlace { coordinates, city }
    });
    let filters = Filters { open_at, delivers_to, ..filters };
    index.search(&Search {
        query: query.as_ref(),
        filter: &|facts| filters.fit(facts),
        order: &|facts| order.place(facts),
        by_order_alone: order != Order::Best,
        offset: usize::try_from(page.offset).unwrap_or(usize::MAX),
        limit: usize::try_from(page.limit).unwrap_or(usize::MAX),
    })
}

/// The key of the il that a place is taken to be in: that of the restaurant nearest to it.
fn nearest_city(index: &Index<Facts>, from: Coordinates) -> Option<String> {
    let places = index.facts().filter_map(|facts| Some((from.distance(facts.coordinates?), &facts.city)));
    places.min().map(|(_, city)| city.to_string())
}

/// What was found as it is now: who has become a draft or was deleted meanwhile is left out.
async fn show(
    restaurants: &Restaurants,
    hits: Vec<Hit>,
    from: Option<Coordinates>,
) -> Result<Vec<FoundRestaurant>, RestaurantError> {
    // SQLite plans a query for none of them as a walk through all.
    if hits.is_empty() {
        return Ok(Vec::new());
    }
    let database = &restaurants.context.database;
    let rows = store::search::list(database, hits.iter().map(|hit| RestaurantId(hit.id)).collect()).await?;
    let visible = rows.into_iter().filter(Restaurant::is_visible).collect();
    let full = complete(database, visible).await?;
    let mut full: HashMap<Uuid, FullRestaurant> = full.into_iter().map(|full| (full.restaurant.id.0, full)).collect();
    let mut dishes = dishes(database, &hits).await?;
    let shown = hits.into_iter().filter_map(|hit| {
        let full = full.remove(&hit.id)?;
        let distance = from.zip(full.coordinates()).map(|(from, to)| from.distance(to));
        let id = RestaurantId(hit.id);
        let matches = hit.dishes.into_iter().filter_map(|name| dishes.remove(&(id, name))).collect();
        Some(FoundRestaurant { full, distance, matches })
    });
    Ok(shown.collect())
}

/// The first meal of each dish by which a restaurant was found.
async fn dishes(
    database: &Database,
    hits: &[Hit],
) -> Result<HashMap<(RestaurantId, String), MealMatch>, RestaurantError> {
    let wanted = hits.iter().filter(|hit| !hit.dishes.is_empty());
    let wanted = wanted.map(|hit| WantedDishes { restaurant_id: RestaurantId(hit.id), names: hit.dishes.clone() });
    let dishes = store::search::list_dishes(database, wanted.collect()).await?.into_iter();
    let matches = dishes.map(|Dish { restaurant_id, search_name, id, name, price_kurus: price }| {
        ((restaurant_id, search_name), MealMatch { id, name, price })
    });
    Ok(matches.collect())
}
