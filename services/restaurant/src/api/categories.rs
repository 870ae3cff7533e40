//! The headings of menus.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::CategoryId;
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Problem};

use crate::actions::{self, Addition};
use crate::state::Restaurants;

use super::asked::{AskedId, AskedPart, Reader, SignedIn};
use super::menu_parts::{CategoryBody, WriteCategory};

/// What a key of a client stands for.
const SCOPE: &str = "category creation";

/// All of a menu, in their order.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/categories",
    tag = "menu",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "All of them, 100 at most", body = [CategoryBody]),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn list_categories(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<Vec<CategoryBody>>, Problem> {
    let (_, menu) = reader.found(actions::find_menu(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(menu.categories.iter().cloned().map(CategoryBody::from).collect()))
}

/// Writes down a category. Sent again with the same `Idempotency-Key` within a day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/restaurants/{id}/categories",
    tag = "menu",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1), IdempotencyKey),
    request_body = WriteCategory,
    responses(
        (
            status = 201,
            description = "It is written down",
            body = CategoryBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "The menu has too many"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_category(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    AskedId(restaurant_id): AskedId,
    Json(body): Json<WriteCategory>,
) -> Result<Answer, Problem> {
    let parts = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (restaurant_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let addition = Addition { writer, restaurant_id, parts };
    let answer = actions::create_category(&restaurants, request, addition, |category| {
        Answer::json(StatusCode::CREATED, language, &CategoryBody::from(category))
    });
    Ok(answer.await?)
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/categories/{category_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("category_id" = String, Path, description = "The category", min_length = 1),
    ),
    request_body = WriteCategory,
    responses(
        (status = 200, description = "As it is now", body = CategoryBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such category"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_category(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<CategoryId>,
    Json(body): Json<WriteCategory>,
) -> Result<Answered<CategoryBody>, Problem> {
    let change = body.change()?;
    Ok(Answered(actions::update_category(&restaurants, writer, (restaurant_id, id), change).await?.into()))
}

/// Deletes a category. Its meals stay, without one.
#[utoipa::path(
    delete,
    path = "/restaurants/{id}/categories/{category_id}",
    tag = "menu",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The restaurant", min_length = 1),
        ("category_id" = String, Path, description = "The category", min_length = 1),
    ),
    responses(
        (status = 200, description = "As it was", body = CategoryBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such category"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_category(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedPart(restaurant_id, id): AskedPart<CategoryId>,
) -> Result<Answered<CategoryBody>, Problem> {
    Ok(Answered(actions::delete_category(&restaurants, writer, (restaurant_id, id)).await?.into()))
}
