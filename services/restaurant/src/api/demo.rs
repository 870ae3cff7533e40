//! Pictures of the demo town.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kit::Problem;

use crate::error::RestaurantError;
use crate::model::demo;

/// A picture is a document of its own when somebody opens it: nothing in it may run.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Draws the picture of a restaurant or a meal of the demo.
#[utoipa::path(
    get,
    path = "/media/demo/{kind}/{file}",
    tag = "restaurants",
    params(("kind" = String, Path, description = "`restaurant` or `meal`"), ("file" = String, Path, description = "Its id and `.svg`")),
    responses(
        (status = 200, description = "The picture", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "The demo has no such thing"),
    ),
)]
pub(super) async fn find_picture(Path((kind, file)): Path<(String, String)>) -> Result<Response, Problem> {
    let id = file.strip_suffix(".svg").and_then(|id| id.parse().ok());
    let picture = id.and_then(|id| demo::picture(&kind, id)).ok_or(RestaurantError::NotFound)?;
    let headers =
        [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400"), (CONTENT_SECURITY_POLICY, POLICY)];
    Ok((headers, picture).into_response())
}
