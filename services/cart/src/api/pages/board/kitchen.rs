//! Which restaurant a page is of, for who runs it and for admins. To everybody else who is signed in it is not there.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use contracts::{OrderId, RestaurantId};
use kit::Problem;
use serde::Deserialize;
use web::{Detour, SignedIn};

use crate::actions::{self, FullOrder, OrderReader};
use crate::api::asked_order::reader_of;
use crate::error::CartError;
use crate::model::RestaurantCopy;
use crate::state::Carts;

/// The restaurant in the path, and who may see its board.
pub(super) struct Kitchen {
    pub(super) id: RestaurantId,
    pub(super) restaurant: Arc<RestaurantCopy>,
    pub(super) reader: OrderReader,
}

/// The same with the order in the path, which is one of its own.
pub(super) struct KitchenOrder {
    pub(super) kitchen: Kitchen,
    pub(super) order: FullOrder,
}

#[derive(Deserialize)]
struct RestaurantInPath {
    restaurant: RestaurantId,
}

#[derive(Deserialize)]
struct OrderInPath {
    order: OrderId,
}

impl Kitchen {
    /// Where its board is.
    pub(super) fn path(&self) -> String {
        format!("/mutfak/{}", self.id)
    }
}

impl FromRequestParts<Arc<Carts>> for Kitchen {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, carts: &Arc<Carts>) -> Result<Self, Detour> {
        let SignedIn(caller) = SignedIn::from_request_parts(parts, carts).await?;
        let named = Path::<RestaurantInPath>::from_request_parts(parts, carts).await;
        let Path(RestaurantInPath { restaurant: id }) = named.map_err(|_| refused(CartError::RestaurantNotFound))?;
        let reader = reader_of(&caller);
        let restaurant = actions::find_kitchen(carts, reader, id).await.map_err(refused)?;
        Ok(Self { id, restaurant, reader })
    }
}

impl FromRequestParts<Arc<Carts>> for KitchenOrder {
    type Rejection = Detour;

    async fn from_request_parts(parts: &mut Parts, carts: &Arc<Carts>) -> Result<Self, Detour> {
        let kitchen = Kitchen::from_request_parts(parts, carts).await?;
        let named = Path::<OrderInPath>::from_request_parts(parts, carts).await;
        let Path(OrderInPath { order: id }) = named.map_err(|_| refused(CartError::OrderNotFound))?;
        let order = actions::find_order_of(carts, kitchen.reader, (kitchen.id, id)).await.map_err(refused)?;
        Ok(Self { kitchen, order })
    }
}

fn refused(error: CartError) -> Detour {
    Problem::from(error).into()
}
