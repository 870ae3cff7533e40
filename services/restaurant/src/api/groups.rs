//! Groups of options, from which something is chosen with a meal.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::{OptionGroupId, OptionId};
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Problem};

use crate::actions::{self, Addition};
use crate::state::Restaurants;

use super::asked::{AskedId, AskedPart, Reader, SignedIn};
use super::menu_parts::{GroupBody, UpdateOptionAvailability, WriteGroup};

/// What a key of a client stands for.
const SCOPE: &str = "option group creation";

/// All of a menu, in their order.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/groups",
    tag = "menu",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "All of them, 100 at most", body = [GroupBody]),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn list_groups(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<Vec<GroupBody>>, Problem> {
    let (_, menu) = reader.found(actions::find_menu(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(menu.offer.groups.iter().cloned().map(GroupBody::from).collect()))
}

/// Writes down an option group. Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/restaurants/{id}/groups",
    tag = "menu",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1), IdempotencyKey),
    request_body = WriteGroup,
    responses(
        (
            status = 201,
            description = "It is written down",
            body = GroupBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "The menu has too many, or all have too many options"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_group(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    AskedId(restaurant_id): AskedId,
    Json(body): Json<WriteGroup>,
) -> Result<Answer, Problem> {
    let parts = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (restaurant_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let addition = Addition { writer, restaurant_id, parts };
    let answer = actions::create_group(&restaurants, request, addition, |group| {
        Answer::json(StatusCode::CREATED, language, &GroupBody::from(group))
    });
    Ok(answer.await?)
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/groups/{group_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("group_id" = String, Path, description = "The option group", min_length = 1),
    ),
    request_body = WriteGroup,
    responses(
        (status = 200, description = "As it is now", body = GroupBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such option group"),
        (status = 409, description = "The menu has too many options"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_group(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<OptionGroupId>,
    Json(body): Json<WriteGroup>,
) -> Result<Answered<GroupBody>, Problem> {
    let change = body.change()?;
    Ok(Answered(actions::update_group(&restaurants, writer, (restaurant_id, id), change).await?.into()))
}

/// Deletes an option group. Its meals are ordered without it.
#[utoipa::path(
    delete,
    path = "/restaurants/{id}/groups/{group_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("group_id" = String, Path, description = "The option group", min_length = 1),
    ),
    responses(
        (status = 200, description = "As it was", body = GroupBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such option group"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_group(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<OptionGroupId>,
) -> Result<Answered<GroupBody>, Problem> {
    Ok(Answered(actions::delete_group(&restaurants, writer, (restaurant_id, id)).await?.into()))
}

/// Switches an option on or off.
#[utoipa::path(
    patch,
    path = "/restaurants/{id}/options/{option_id}/availability",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("option_id" = String, Path, description = "The option", min_length = 1),
    ),
    request_body = UpdateOptionAvailability,
    responses(
        (status = 200, description = "Its group as it is now", body = GroupBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such option"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_option_availability(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<OptionId>,
    Json(body): Json<UpdateOptionAvailability>,
) -> Result<Answered<GroupBody>, Problem> {
    let switch = body.switch()?;
    Ok(Answered(actions::update_option_availability(&restaurants, writer, (restaurant_id, id), switch).await?.into()))
}
