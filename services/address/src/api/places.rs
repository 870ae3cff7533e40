//! The il and ilçe of Turkey, for whoever types one.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use contracts::geography::Place;
use kit::{Fault, Problem, QueryParameters, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::Addresses;

/// Characters of a query. No name of a place has as many.
const LONGEST_QUERY: usize = 200;

const TOO_LONG: Text = Text::new("Arama en çok 200 karakter olabilir.", "The query must have at most 200 characters.");

/// An il of Turkey, or an ilçe in one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub(super) struct PlaceBody {
    /// The name of the il.
    #[schema(example = "İstanbul")]
    city: &'static str,
    /// The name of the ilçe; `null` for the il itself.
    #[schema(example = "Kadıköy")]
    district: Option<&'static str>,
}

impl From<Place> for PlaceBody {
    fn from(Place { city, district }: Place) -> Self {
        Self { city, district }
    }
}

/// Suggests places for what somebody has typed of a name, in whatever case and with or without Turkish letters. They only suggest:
/// an address may name any other.
#[utoipa::path(
    get,
    path = "/addresses/places",
    tag = "address",
    params(("query" = Option<String>, Query, nullable = false, max_length = 200, description = "The beginnings of words, or a part of a name")),
    responses((status = 200, description = "Up to ten places, the likeliest first", body = [PlaceBody]))
)]
pub(super) async fn suggest_places(
    State(addresses): State<Arc<Addresses>>,
    parameters: QueryParameters,
) -> Result<Answered<Vec<PlaceBody>>, Problem> {
    let invalid = |fault| Problem::invalid(vec![fault]);
    let query = parameters.one("query").map_err(invalid)?.unwrap_or_default();
    if query.chars().count() > LONGEST_QUERY {
        return Err(invalid(Fault::new("query", "TOO_LONG", TOO_LONG)));
    }
    Ok(Answered(addresses.places.suggest(query).into_iter().map(Into::into).collect()))
}
