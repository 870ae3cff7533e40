//! Which address a request means: the id in its path, and the kind that clients of the first platform may name in the query.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use contracts::{AddressId, EntityType};
use kit::{Fault, Problem, QueryParameters, Text};

/// The kind in the query, if it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedType(pub(super) Option<EntityType>);

impl<S: Send + Sync> FromRequestParts<S> for AskedType {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let parameters = QueryParameters::of(&parts.uri);
        let word = parameters.one("entity_type").map_err(|fault| Problem::invalid(vec![fault]))?;
        let unknown = |_| Problem::invalid(vec![Fault::new("entity_type", "ENTITY_TYPE_UNKNOWN", UNKNOWN)]);
        Ok(Self(word.map(str::parse).transpose().map_err(unknown)?))
    }
}

const UNKNOWN: Text =
    Text::new("entity_type USER ya da RESTAURANT olmalıdır.", "entity_type must be USER or RESTAURANT.");

/// The id in the path; `None` where no address has one like it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedId(pub(super) Option<AddressId>);

impl<S: Send + Sync> FromRequestParts<S> for AskedId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<AddressId>, PathRejection> = Path::from_request_parts(parts, state).await;
        Ok(Self(id.ok().map(|Path(id)| id)))
    }
}
