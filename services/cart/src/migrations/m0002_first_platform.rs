//! Copies the carts of the first platform, where its table stands in this database, and leaves it alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;

use crate::store::first_platform::{self, CartShapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if first_platform::has_items(schema).await? {
            first_platform::copy_items(schema.get_connection(), SHAPES).await?;
        }
        Ok(())
    }
}

/// What the tables have when this migration runs.
const SHAPES: CartShapes = CartShapes {
    basket: Shape { table: "cart_basket", columns: &["user_id", "restaurant_id", "version", "updated_at"] },
    line: Shape {
        table: "cart_line",
        columns: &[
            "user_id",
            "restaurant_id",
            "meal_id",
            "quantity",
            "options",
            "options_key",
            "note",
            "schedule_date",
            "created_at",
        ],
    },
};
