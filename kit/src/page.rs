//! Lists in pages, by cursor: the place behind the last row that was seen.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Fault, Problem, QueryParameters, Text};

/// The id of the last row that was seen. Ids are made in order of time, so the next page is what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub Uuid);

/// Which page a client wants.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Behind which row; from the first when absent.
    pub after: Option<Cursor>,
    /// How many rows, 1 to 100.
    pub limit: u64,
}

/// The query parameters of a page, for the API's description.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what PageRequest reads")]
pub struct PageParameters {
    /// `next_cursor` of the page before.
    #[param(required = false, min_length = 22, max_length = 22)]
    cursor: String,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: u64,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Asks for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `rows`, of which one more than `limit` was read to see whether there is a next page.
    pub fn of<R>(mut rows: Vec<R>, request: PageRequest, id: impl Fn(&R) -> Uuid, show: impl Fn(R) -> T) -> Self {
        let limit = usize::try_from(request.limit).expect("a page has at most 100 rows");
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = if more { rows.last() } else { None };
        let next_cursor = last.map(|row| BASE64URL_NOPAD.encode(id(row).as_bytes()));
        Self { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let parameters = QueryParameters::of(&parts.uri);
        let limit = parameters.one("limit").map_err(|_| bad_limit())?.map_or(Ok(20), str::parse);
        let limit = limit.ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(bad_limit)?;
        let cursor = parameters.one("cursor").map_err(|_| bad_cursor())?;
        let after = cursor.map(|cursor| parse(cursor).ok_or_else(bad_cursor)).transpose()?;
        Ok(Self { after, limit })
    }
}

fn parse(cursor: &str) -> Option<Cursor> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
    Uuid::from_slice(&bytes).ok().map(Cursor)
}

fn bad_limit() -> Problem {
    let text = Text::new("limit 1 ile 100 arasında bir sayı olmalıdır.", "limit must be a number from 1 to 100.");
    let fault = Fault::new("limit", "INVALID_LIMIT", text.clone());
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_LIMIT", text).naming(fault)
}

fn bad_cursor() -> Problem {
    let text = Text::new(
        "cursor bir önceki sayfanın next_cursor değeri olmalıdır.",
        "cursor must be the next_cursor of a page before.",
    );
    let fault = Fault::new("cursor", "INVALID_CURSOR", text.clone());
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_CURSOR", text).naming(fault)
}
