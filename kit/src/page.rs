//! Lists in pages, by cursor: the place behind the last row that was seen.

use axum::extract::FromRequestParts;
use axum::http::header::LINK;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Fault, Problem, QueryParameters, Text};

/// What a list is sorted by: no two rows have the same, and the next page is what stands behind it.
pub trait SortKey: Sized {
    /// What stands in the cursor.
    fn to_bytes(&self) -> Vec<u8>;

    /// The key that was written so, or nothing.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// The sort key of the last row that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<K>(pub K);

/// Which page a client wants. Most lists are sorted by an id, which is made in order of time.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest<K = Uuid> {
    /// Behind which row; from the first when absent.
    pub after: Option<Cursor<K>>,
    /// How many rows, 1 to 100.
    pub limit: u64,
}

/// The query parameters of a page, for the API's description.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what PageRequest reads")]
pub struct PageParameters {
    /// `next_cursor` of the page before.
    #[param(required = false, min_length = 1)]
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
    pub fn of<R, K: SortKey>(
        mut rows: Vec<R>,
        request: &PageRequest<K>,
        key: impl Fn(&R) -> K,
        show: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(request.limit).expect("a page has at most 100 rows");
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = if more { rows.last() } else { None };
        let next_cursor = last.map(|row| Cursor(key(row)).encode());
        Self { items: rows.into_iter().map(show).collect(), next_cursor }
    }
}

impl<K: SortKey> PageRequest<K> {
    /// For a list whose clients want rows alone: names the next page in `Link` (RFC 8288) where one more than `limit` of `rows`
    /// was read.
    #[must_use]
    pub fn next_link<R>(&self, path: &str, rows: &[R], key: impl Fn(&R) -> K) -> Option<[(HeaderName, String); 1]> {
        let limit = usize::try_from(self.limit).expect("a page has at most 100 rows");
        let last = rows.get(limit.checked_sub(1)?).filter(|_| rows.len() > limit)?;
        let cursor = Cursor(key(last)).encode();
        let joint = if path.contains('?') { '&' } else { '?' };
        Some([(LINK, format!("<{path}{joint}limit={limit}&cursor={cursor}>; rel=\"next\""))])
    }
}

impl<K: SortKey> Cursor<K> {
    fn encode(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0.to_bytes())
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        K::from_bytes(&bytes).map(Self)
    }
}

impl SortKey for Uuid {
    fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

impl SortKey for i64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl<K: SortKey, S: Send + Sync> FromRequestParts<S> for PageRequest<K> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let parameters = QueryParameters::of(&parts.uri);
        let limit = parameters.one("limit").map_err(|_| bad_limit())?.map_or(Ok(20), str::parse);
        let limit = limit.ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(bad_limit)?;
        let cursor = parameters.one("cursor").map_err(|_| bad_cursor())?;
        let after = cursor.map(|cursor| Cursor::decode(cursor).ok_or_else(bad_cursor)).transpose()?;
        Ok(Self { after, limit })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_the_key_that_it_was_made_of() {
        let (id, number) = (Uuid::from_u128(7), -7_i64);

        assert_eq!(Cursor::decode(&Cursor(id).encode()), Some(Cursor(id)));
        assert_eq!(Cursor::decode(&Cursor(number).encode()), Some(Cursor(number)));
        assert_eq!(Cursor(id).encode(), "AAAAAAAAAAAAAAAAAAAABw", "clients may hold one from a version before");
    }

    #[test]
    fn a_cursor_of_another_list_is_none() {
        assert_eq!(Cursor::<i64>::decode(&Cursor(Uuid::from_u128(7)).encode()), None);
        assert_eq!(Cursor::<Uuid>::decode(&Cursor(7_i64).encode()), None);
        assert_eq!(Cursor::<Uuid>::decode("*"), None);
    }
}
