//! Which address a request means: the id in its path, and the kind that clients of the first platform may name in the query.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use contracts::{AddressId, EntityType};
use kit::{Faults, Problem, QueryParameters};

/// The kind in the query, if it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedType(pub(super) Option<EntityType>);

impl<S: Send + Sync> FromRequestParts<S> for AskedType {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let entity_type = faults.optional("entity_type", QueryParameters::of(&parts.uri).field("entity_type"));
        faults.check()?;
        Ok(Self(entity_type))
    }
}

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
