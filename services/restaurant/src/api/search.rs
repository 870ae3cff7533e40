//! Finding restaurants, by words or without.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use contracts::Money;
use kit::{Parameters, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actions::{self, FoundRestaurant, MealMatch};
use crate::model::ListPage;
use crate::state::Restaurants;

use super::body::RestaurantBody;
use super::listing::{ListParameters, ListingParameters};
use super::restaurants::shown;

/// One page of the restaurants that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantsFound {
    restaurants: Vec<RestaurantFound>,
    /// Of all pages.
    total: u64,
    /// From 1 on.
    page: u64,
    page_size: u64,
    has_next: bool,
}

/// A restaurant in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantListed {
    #[serde(flatten)]
    restaurant: RestaurantBody,
    /// How far it is, in metres; left out where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    distance_m: Option<u32>,
}

/// A restaurant that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RestaurantFound {
    #[serde(flatten)]
    restaurant: RestaurantListed,
    /// Up to three meals by which it was found, the best first.
    #[schema(max_items = 3)]
    matches: Vec<MatchingMeal>,
}

/// A meal by which a restaurant was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchingMeal {
    meal_id: Uuid,
    name: String,
    price: Money,
}

/// The restaurants that everybody sees and that fit. Without a `query` and an order, the best rated first and then the newest.
#[utoipa::path(
    get,
    path = "/restaurants",
    tag = "restaurant",
    params(ListingParameters, ListParameters),
    responses((status = 200, description = "Part of the list", body = [RestaurantListed]))
)]
pub(super) async fn list_restaurants(
    State(restaurants): State<Arc<Restaurants>>,
    Parameters(listing): Parameters<ListingParameters>,
    Parameters(part): Parameters<ListParameters>,
) -> Result<Answered<Vec<RestaurantListed>>, Problem> {
    let search = listing.search(part.page(ListPage::USUAL)?)?;
    let found = actions::search_restaurants(&restaurants, search).await?.restaurants;
    Ok(Answered(found.into_iter().map(|found| RestaurantListed::of(&restaurants, found).0).collect()))
}

/// The same with their number, and with the meals by which each was found. With a `query` and no order, what fits it best comes
/// first, and then the best rated.
#[utoipa::path(
    get,
    path = "/restaurants/search",
    tag = "restaurant",
    params(ListingParameters, ListParameters),
    responses((status = 200, description = "One page", body = RestaurantsFound))
)]
pub(super) async fn search_restaurants(
    State(restaurants): State<Arc<Restaurants>>,
    Parameters(listing): Parameters<ListingParameters>,
    Parameters(part): Parameters<ListParameters>,
) -> Result<Answered<RestaurantsFound>, Problem> {
    let page = part.page(ListPage::USUAL)?;
    let found = actions::search_restaurants(&restaurants, listing.search(page)?).await?;
    Ok(Answered(RestaurantsFound {
        total: found.total,
        page: page.offset / page.limit + 1,
        page_size: page.limit,
        has_next: page.offset + page.limit < found.total,
        restaurants: found.restaurants.into_iter().map(|found| RestaurantFound::of(&restaurants, found)).collect(),
    }))
}

impl RestaurantListed {
    /// The restaurant, and the meals by which it was found.
    fn of(
        restaurants: &Restaurants,
        FoundRestaurant { full, distance, matches }: FoundRestaurant,
    ) -> (Self, Vec<MealMatch>) {
        (Self { restaurant: shown(restaurants, full), distance_m: distance }, matches)
    }
}

impl RestaurantFound {
    fn of(restaurants: &Restaurants, found: FoundRestaurant) -> Self {
        let (restaurant, matches) = RestaurantListed::of(restaurants, found);
        let matches = matches.into_iter().map(|MealMatch { id, name, price }| MatchingMeal {
            meal_id: id.0,
            name: name.into(),
            price: price.into(),
        });
        Self { restaurant, matches: matches.collect() }
    }
}
