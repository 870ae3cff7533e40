//! When meals are served that are not served all day.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::MealtimeId;
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Problem};

use crate::actions::{self, Addition};
use crate::state::Restaurants;

use super::asked::{AskedId, AskedPart, Reader, SignedIn};
use super::menu_parts::{MealtimeBody, WriteMealtime};

/// What a key of a client stands for.
const SCOPE: &str = "mealtime creation";

/// All of a menu, in their order.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/mealtimes",
    tag = "menu",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "All of them, 20 at most", body = [MealtimeBody]),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn list_mealtimes(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<Vec<MealtimeBody>>, Problem> {
    let (_, menu) = reader.found(actions::find_menu(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(menu.offer.mealtimes.iter().cloned().map(MealtimeBody::from).collect()))
}

/// Writes down a mealtime. Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/restaurants/{id}/mealtimes",
    tag = "menu",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1), IdempotencyKey),
    request_body = WriteMealtime,
    responses(
        (
            status = 201,
            description = "It is written down",
            body = MealtimeBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "The menu has too many"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_mealtime(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    AskedId(restaurant_id): AskedId,
    Json(body): Json<WriteMealtime>,
) -> Result<Answer, Problem> {
    let parts = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (restaurant_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let addition = Addition { writer, restaurant_id, parts };
    let answer = actions::create_mealtime(&restaurants, request, addition, |mealtime| {
        Answer::json(StatusCode::CREATED, language, &MealtimeBody::from(mealtime))
    });
    Ok(answer.await?)
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/mealtimes/{mealtime_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("mealtime_id" = String, Path, description = "The mealtime", min_length = 1),
    ),
    request_body = WriteMealtime,
    responses(
        (status = 200, description = "As it is now", body = MealtimeBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such mealtime"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_mealtime(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<MealtimeId>,
    Json(body): Json<WriteMealtime>,
) -> Result<Answered<MealtimeBody>, Problem> {
    let change = body.change()?;
    Ok(Answered(actions::update_mealtime(&restaurants, writer, (restaurant_id, id), change).await?.into()))
}

/// Deletes a mealtime at which no meal is served any more.
#[utoipa::path(
    delete,
    path = "/restaurants/{id}/mealtimes/{mealtime_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("mealtime_id" = String, Path, description = "The mealtime", min_length = 1),
    ),
    responses(
        (status = 200, description = "As it was", body = MealtimeBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such mealtime"),
        (status = 409, description = "Meals are served at this time"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_mealtime(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<MealtimeId>,
) -> Result<Answered<MealtimeBody>, Problem> {
    Ok(Answered(actions::delete_mealtime(&restaurants, writer, (restaurant_id, id)).await?.into()))
}
