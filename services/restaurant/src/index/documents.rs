//! Restaurants as they are found: their texts, and what they are filtered and sorted by.

use std::collections::HashMap;

use contracts::geography::{Coordinates, DeliveryArea, place_key};
use contracts::{AddressDetails, AddressId, RestaurantId};
use database::{Connection, Result};
use search::{Document, Field, Text};

use crate::model::{AreaRing, Cuisine, Description, Facts, NameKey, OpenTimes, WordSet};
use crate::store;
use crate::store::restaurant::Restaurant;
use crate::store::search::{FoundMeal, Version};

/// Restaurants whose meals are read at once: each has up to 500.
const RESTAURANTS_AT_ONCE: usize = 100;

/// What some rows come to.
#[derive(Default)]
pub(super) struct Read {
    pub(super) documents: Vec<Document<Facts>>,
    /// Drafts, and what was deleted.
    pub(super) hidden: Vec<Version>,
}

/// Adds all by which `rows` are found. What belongs to a row is read behind it, and so is never older.
pub(super) async fn complete(database: &impl Connection, rows: Vec<Restaurant>) -> Result<Read> {
    let (visible, hidden): (Vec<_>, Vec<_>) = rows.into_iter().partition(Restaurant::is_visible);
    let mut read = Read { hidden: hidden.iter().map(|row| (row.id, row.search_version)).collect(), ..Read::default() };
    for rows in visible.chunks(RESTAURANTS_AT_ONCE) {
        let ids: Vec<RestaurantId> = rows.iter().map(|row| row.id).collect();
        let mut cuisines: HashMap<RestaurantId, Vec<Cuisine>> = HashMap::new();
        for (id, cuisine) in store::cuisine::list(database, ids.clone()).await? {
            cuisines.entry(id).or_default().push(cuisine);
        }
        let addresses = store::address::list(database, rows.iter().map(|row| row.address_id).collect()).await?;
        let addresses: HashMap<AddressId, AddressDetails> =
            addresses.into_iter().filter_map(|address| Some((address.id, address.details?))).collect();
        let mut meals = store::search::list_meals(database, ids).await?;
        read.documents.extend(rows.iter().map(|row| {
            let cuisines = cuisines.remove(&row.id).unwrap_or_default();
            let meals = meals.remove(&row.id).unwrap_or_default();
            document(row, &cuisines, addresses.get(&row.address_id), meals)
        }));
    }
    Ok(read)
}

fn document(
    restaurant: &Restaurant,
    cuisines: &[Cuisine],
    address: Option<&AddressDetails>,
    meals: Vec<FoundMeal>,
) -> Document<Facts> {
    let mut texts = vec![(Field::Name, restaurant.name.as_str().to_owned())];
    texts.extend(cuisines.iter().map(|cuisine| (Field::Cuisine, cuisine.name().as_str().to_owned())));
    for meal in meals {
        texts.push((Field::Dish, meal.name.into()));
        texts.extend(meal.cuisine.map(|cuisine| (Field::Cuisine, cuisine.into())));
    }
    texts.extend(restaurant.description.iter().map(|text| (Field::Description, text.as_str().to_owned())));
    if let Some(address) = address {
        texts.extend([&address.city, &address.district].map(|place| (Field::Place, place.clone())));
    }
    let words = cuisines.iter().map(|cuisine| cuisine.name().as_str());
    let words = words.chain(restaurant.description.iter().map(Description::as_str));
    let coordinates = address.and_then(|address| Coordinates::new(address.latitude?, address.longitude?).ok());
    let radius = restaurant.delivery_radius_m.map(i32::unsigned_abs);
    let ring = restaurant.delivery_area.as_ref().map(AreaRing::points);
    let area = coordinates.and_then(|from| DeliveryArea::new(from, radius, ring).ok());
    let key = |name: Option<&String>| name.map(|name| place_key(name)).unwrap_or_default().into();
    let facts = Facts {
        owner_id: restaurant.owner_id,
        status: restaurant.status.clone(),
        name: NameKey::of(restaurant.name.as_str()),
        city: key(address.map(|address| &address.city)),
        district: key(address.map(|address| &address.district)),
        words: WordSet::of(words),
        rating: restaurant.rating_avg,
        delivery_fee: restaurant.delivery_fee_kurus,
        min_order: restaurant.min_order_kurus,
        prep_time: restaurant.prep_time,
        created_at: restaurant.created_at,
        coordinates,
        area: area.unwrap_or_default(),
        open: OpenTimes::of(&restaurant.schedule()),
    };
    Document {
        id: restaurant.id.0,
        version: restaurant.search_version,
        texts: texts.into_iter().map(|(field, text)| Text { field, text }).collect(),
        facts,
    }
}
