//! A whole menu, which a client that has it is not sent again.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use contracts::pricing::Moment;
use contracts::{CategoryId, RestaurantId};
use kit::{EntityTag, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions;
use crate::state::{AnsweredMenu, Restaurants};
use crate::store::menu::Menu;
use crate::store::restaurant::Restaurant;

use super::asked::{AskedId, Reader};
use super::meal_body::MealBody;
use super::menu_parts::{CategoryBody, GroupBody, MealtimeBody};

/// Clients keep a menu, and ask each time whether it still holds; caches that many share keep none, for a draft is its owner's.
const CACHING: &str = "private, no-cache";
const JSON: &str = "application/json";

/// All that a restaurant offers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Menu)]
pub(super) struct MenuBody {
    restaurant_id: RestaurantId,
    /// Raised by each change of the restaurant.
    version: i64,
    /// In their order, also those without meals.
    categories: Vec<CategoryMeals>,
    /// Meals of no category, in their order.
    meals: Vec<MealBody>,
    /// What is chosen with meals, in their order.
    groups: Vec<GroupBody>,
    mealtimes: Vec<MealtimeNow>,
}

/// A heading with its meals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuCategoryMeals)]
pub(super) struct CategoryMeals {
    #[serde(flatten)]
    category: CategoryBody,
    meals: Vec<MealBody>,
}

/// A mealtime, and whether its meals are served now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuMealtime)]
pub(super) struct MealtimeNow {
    #[serde(flatten)]
    mealtime: MealtimeBody,
    is_on: bool,
}

/// A whole menu. Its `ETag` changes with the menu, and with what can be ordered as time goes by.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/menu",
    tag = "menu",
    security((), ("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of a menu that the client has"),
    ),
    responses(
        (
            status = 200,
            description = "The menu",
            body = MenuBody,
            headers(("ETag" = String, description = "Names this menu as it is now"))
        ),
        (status = 304, description = "The client has the menu as it is now"),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn find_menu(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (restaurant, menu) = reader.found(actions::find_menu(&restaurants, id, reader.writer()).await)?;
    let now = restaurants.context.now();
    let phase = menu.phase(restaurant.time_zone, now);
    let tag = EntityTag::new(format!("{}-{phase}", restaurant.version));
    let caching = [(CACHE_CONTROL, CACHING), (ETAG, tag.as_str())];
    if tag.is_known(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let known = restaurants.answered_menus.get(id, restaurant.version).filter(|known| known.phase == phase);
    let answered = match known {
        Some(known) => known,
        None => {
            let body = serde_json::to_vec(&MenuBody::at(now, &restaurant, &menu)).map_err(anyhow::Error::from)?;
            let (bytes, answered) = (body.len(), Arc::new(AnsweredMenu { phase, body: body.into() }));
            restaurants.answered_menus.put(id, restaurant.version, Arc::clone(&answered), bytes);
            answered
        }
    };
    Ok((caching, [(CONTENT_TYPE, JSON)], answered.body.clone()).into_response())
}

impl MenuBody {
    fn at(now: Timestamp, restaurant: &Restaurant, menu: &Menu) -> Self {
        let mut meals_of: HashMap<Option<CategoryId>, Vec<MealBody>> = HashMap::new();
        for full in menu.meals_at(restaurant.time_zone, now) {
            meals_of.entry(full.meal.category_id).or_default().push(full.into());
        }
        let moment = Moment { at: now, time_zone: restaurant.time_zone.0 };
        let categories = menu.categories.iter().map(|category| CategoryMeals {
            meals: meals_of.remove(&Some(category.id)).unwrap_or_default(),
            category: category.clone().into(),
        });
        let mealtimes = menu
            .offer
            .mealtimes
            .iter()
            .map(|mealtime| MealtimeNow { is_on: mealtime.is_on(moment), mealtime: mealtime.clone().into() });
        Self {
            restaurant_id: restaurant.id,
            version: restaurant.version,
            categories: categories.collect(),
            meals: meals_of.remove(&None).unwrap_or_default(),
            groups: menu.offer.groups.iter().cloned().map(GroupBody::from).collect(),
            mealtimes: mealtimes.collect(),
        }
    }
}
