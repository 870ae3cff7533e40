//! Meals: everybody's to see, their restaurants' to change.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::RestaurantId;
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Problem};

use crate::actions;
use crate::state::Restaurants;

use super::asked::{AskedMeal, Reader, SignedIn};
use super::meal_body::{CreateMeal, MealBody, UpdateAvailability, UpdateMeal};

/// What a key of a client stands for.
const SCOPE: &str = "meal creation";

/// The meals of a restaurant in the order of its menu; none where there is no such restaurant.
#[utoipa::path(
    get,
    path = "/meals/restaurant/{restaurant_id}",
    tag = "meal",
    security((), ("bearer" = [])),
    params(("restaurant_id" = String, Path, description = "The restaurant", min_length = 1)),
    responses((status = 200, description = "All of them, 500 at most", body = [MealBody]))
)]
pub(super) async fn list_meals(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    Path(restaurant_id): Path<String>,
) -> Result<Answered<Vec<MealBody>>, Problem> {
    let Ok(id) = restaurant_id.parse::<RestaurantId>() else { return Ok(Answered(Vec::new())) };
    let meals = reader.found(actions::list_meals(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(meals.into_iter().map(MealBody::from).collect()))
}

/// Writes down a meal. Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/meals",
    tag = "meal",
    security(("bearer" = [])),
    params(IdempotencyKey),
    request_body = CreateMeal,
    responses(
        (
            status = 201,
            description = "The meal is written down",
            body = MealBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "The menu has too many"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_meal(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    Json(body): Json<CreateMeal>,
) -> Result<Answer, Problem> {
    let (restaurant_id, parts) = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (restaurant_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let new = actions::Addition { writer, restaurant_id, parts };
    let answer = actions::create_meal(&restaurants, request, new, |meal| {
        Answer::json(StatusCode::CREATED, language, &MealBody::from(meal))
    });
    Ok(answer.await?)
}

/// One meal.
#[utoipa::path(
    get,
    path = "/meals/{id}",
    tag = "meal",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The meal", min_length = 1)),
    responses(
        (status = 200, description = "The meal", body = MealBody),
        (status = 404, description = "There is no such meal"),
    )
)]
pub(super) async fn find_meal(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedMeal(id): AskedMeal,
) -> Result<Answered<MealBody>, Problem> {
    Ok(Answered(reader.found(actions::find_meal(&restaurants, id, reader.writer()).await)?.into()))
}

/// What goes well with a meal and can be had now.
#[utoipa::path(
    get,
    path = "/meals/{id}/complementary",
    tag = "meal",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The meal", min_length = 1)),
    responses(
        (status = 200, description = "Other meals of the restaurant, 10 at most", body = [MealBody]),
        (status = 404, description = "There is no such meal"),
    )
)]
pub(super) async fn list_complements(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedMeal(id): AskedMeal,
) -> Result<Answered<Vec<MealBody>>, Problem> {
    let meals = reader.found(actions::list_complements(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(meals.into_iter().map(MealBody::from).collect()))
}

/// Changes the fields that are sent, and leaves the others. Groups that are not named stay as they are.
#[utoipa::path(
    put,
    path = "/meals/{id}",
    tag = "meal",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The meal", min_length = 1)),
    request_body = UpdateMeal,
    responses(
        (status = 200, description = "The meal as it is now", body = MealBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such meal"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_meal(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedMeal(id): AskedMeal,
    Json(body): Json<UpdateMeal>,
) -> Result<Answered<MealBody>, Problem> {
    let (named, change) = body.change()?;
    Ok(Answered(actions::update_meal(&restaurants, writer, (id, named), change).await?.into()))
}

/// Switches a meal on or off, or off until a time.
#[utoipa::path(
    patch,
    path = "/meals/{id}/availability",
    tag = "meal",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The meal", min_length = 1)),
    request_body = UpdateAvailability,
    responses(
        (status = 200, description = "The meal as it is now", body = MealBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such meal"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_availability(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedMeal(id): AskedMeal,
    Json(body): Json<UpdateAvailability>,
) -> Result<Answered<MealBody>, Problem> {
    let availability = body.availability()?;
    Ok(Answered(actions::update_availability(&restaurants, writer, id, availability).await?.into()))
}

/// Deletes a meal.
#[utoipa::path(
    delete,
    path = "/meals/{id}",
    tag = "meal",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The meal", min_length = 1)),
    responses(
        (status = 200, description = "The meal as it was", body = MealBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such meal"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_meal(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedMeal(id): AskedMeal,
) -> Result<Answered<MealBody>, Problem> {
    Ok(Answered(actions::delete_meal(&restaurants, writer, id).await?.into()))
}
