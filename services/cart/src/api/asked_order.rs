//! Which orders a request means, and who asks.

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use contracts::{OrderId, RestaurantId};
use kit::{Caller, Fault, FieldValue, Problem, QueryParameters};

use crate::actions::OrderReader;
use crate::error::CartError;
use crate::model::BoardView;

/// The order in the path. An id that no order can have is that of no order.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedOrder(pub(super) OrderId);

/// The board of the restaurant in the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedBoard {
    pub(super) restaurant_id: RestaurantId,
    pub(super) view: BoardView,
}

/// The restaurant in the path.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedRestaurant(pub(super) RestaurantId);

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignedIn(pub(super) OrderReader);

impl<S: Send + Sync> FromRequestParts<S> for AskedOrder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<OrderId>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| CartError::OrderNotFound.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedBoard {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let AskedRestaurant(restaurant_id) = AskedRestaurant::from_request_parts(parts, state).await?;
        let parameters = QueryParameters::of(&parts.uri);
        let view = parameters.one("view").map_err(|fault| Problem::invalid(vec![fault]))?;
        let view = view.map(|view| BoardView::parse(view.to_owned())).transpose();
        let view = view.map_err(|(code, text)| Problem::invalid(vec![Fault::new("view", code, text)]))?;
        Ok(Self { restaurant_id, view: view.unwrap_or_default() })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AskedRestaurant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id: Result<Path<RestaurantId>, PathRejection> = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| CartError::RestaurantNotFound.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(Self(reader_of(&caller)))
    }
}

/// The caller, as somebody who reads or moves orders.
pub(super) fn reader_of(caller: &Caller) -> OrderReader {
    OrderReader { user_id: caller.user_id(), role: caller.role() }
}
