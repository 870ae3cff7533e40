//! Restaurants: everybody's to see, their owners' to change.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Page, PageParameters, PageRequest, Problem};

use crate::actions::{self, FullRestaurant};
use crate::state::Restaurants;

use super::asked::{AskedId, Reader, SignedIn};
use super::body::{CreateRestaurant, RestaurantBody, RestaurantCreated, UpdateRestaurant};

/// What a key of a client stands for.
const SCOPE: &str = "restaurant creation";

/// The caller's own restaurants, drafts among them.
#[utoipa::path(
    get,
    path = "/restaurants/mine",
    tag = "restaurant",
    security(("bearer" = [])),
    params(PageParameters),
    responses((status = 200, description = "One page, oldest first", body = Page<RestaurantBody>))
)]
pub(super) async fn list_own_restaurants(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    page: PageRequest,
) -> Result<Answered<Page<RestaurantBody>>, Problem> {
    let list = actions::list_own_restaurants(&restaurants, writer.user_id, page).await?;
    let show = |restaurant| shown(&restaurants, restaurant);
    Ok(Answered(Page::of(list, &page, |full| full.restaurant.id.0, show)))
}

/// Writes down a restaurant, which managers and admins do. It is a draft, which its owner alone sees, until its address is known.
/// Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/restaurants",
    tag = "restaurant",
    security(("bearer" = [])),
    params(IdempotencyKey),
    request_body = CreateRestaurant,
    responses(
        (
            status = 201,
            description = "The restaurant is written down",
            body = RestaurantCreated,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The caller is no manager"),
        (status = 409, description = "The owner, or the address, has too many"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    Json(body): Json<CreateRestaurant>,
) -> Result<Answer, Problem> {
    let (owner_id, parts) = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (owner_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let new = actions::CreateRestaurant { writer, owner_id, parts };
    let answer = actions::create_restaurant(&restaurants, request, new, |restaurant| {
        let message = language.say("Restoran oluşturuldu.", "Restaurant created successfully");
        let (id, draft_reason) = (restaurant.id, restaurant.draft_reason);
        Answer::json(StatusCode::CREATED, language, &RestaurantCreated { message, id, draft_reason })
    });
    Ok(answer.await?)
}

/// One restaurant. A draft is seen by its owner and by admins alone.
#[utoipa::path(
    get,
    path = "/restaurants/{id}",
    tag = "restaurant",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "The restaurant", body = RestaurantBody),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn find_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<RestaurantBody>, Problem> {
    let restaurant = reader.found(actions::find_restaurant(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(shown(&restaurants, restaurant)))
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    request_body = UpdateRestaurant,
    responses(
        (status = 200, description = "The restaurant as it is now", body = RestaurantBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "The address has too many"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedId(id): AskedId,
    Json(body): Json<UpdateRestaurant>,
) -> Result<Answered<RestaurantBody>, Problem> {
    let restaurant = actions::update_restaurant(&restaurants, writer, id, body.change()?).await?;
    Ok(Answered(shown(&restaurants, restaurant)))
}

/// Deletes a restaurant.
#[utoipa::path(
    delete,
    path = "/restaurants/{id}",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "The restaurant as it was", body = RestaurantBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedId(id): AskedId,
) -> Result<Answered<RestaurantBody>, Problem> {
    let restaurant = actions::delete_restaurant(&restaurants, writer, id).await?;
    Ok(Answered(shown(&restaurants, restaurant)))
}

pub(super) fn shown(restaurants: &Restaurants, restaurant: FullRestaurant) -> RestaurantBody {
    RestaurantBody::at(restaurants.context.now(), restaurant)
}
