//! `cartitem` and `order`: what the first platform's cart service keeps, where that stands in this database. Nothing writes there.

mod carts;
mod orders;

use database::ImportTransaction;
use kit::{FirstPlatform, Imported};
use sea_orm_migration::prelude::SchemaManager;

use carts::CART_SHAPES;
use orders::ORDER_SHAPES;

pub(crate) use carts::{CartShapes, copy_items, has_items};
pub(crate) use orders::{OrderShapes, copy_orders, has_orders};

/// The carts and orders of the first platform.
pub(crate) struct CartsAndOrders;

impl FirstPlatform for CartsAndOrders {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        let schema = SchemaManager::new(tx.connection());
        Ok(has_items(&schema).await? || has_orders(&schema).await?)
    }

    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        let schema = SchemaManager::new(tx.connection());
        let mut imported = Vec::new();
        if has_items(&schema).await? {
            imported.push(copy_items(tx.connection(), CART_SHAPES).await?);
        }
        if has_orders(&schema).await? {
            imported.push(copy_orders(tx.connection(), ORDER_SHAPES).await?);
        }
        Ok(imported)
    }
}

fn log(Imported { from, to, new, known, skipped }: &Imported) {
    tracing::info!(from, to, new, known, ?skipped, "copied a table of the first platform, which stays as it is");
}
