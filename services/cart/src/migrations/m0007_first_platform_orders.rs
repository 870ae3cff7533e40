//! Copies the orders of the first platform, where its table stands in this database, and leaves it alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;

use crate::store::first_platform::{self, OrderShapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if first_platform::has_orders(schema).await? {
            first_platform::copy_orders(schema.get_connection(), SHAPES).await?;
        }
        Ok(())
    }
}

/// What the tables have when this migration runs.
const SHAPES: OrderShapes = OrderShapes {
    order: Shape {
        table: "cart_order",
        columns: &[
            "id",
            "public_id",
            "code",
            "user_id",
            "restaurant_id",
            "restaurant_name",
            "status",
            "version",
            "fulfilment",
            "payment_method",
            "subtotal_kurus",
            "discount_kurus",
            "delivery_fee_kurus",
            "total_kurus",
            "vat_kurus",
            "coupon_code",
            "note",
            "locale",
            "is_asap",
            "target_at",
            "answer_by",
            "created_at",
            "closed_at",
            "changed_at",
        ],
    },
    line: Shape {
        table: "cart_order_line",
        columns: &[
            "order_id",
            "position",
            "meal_id",
            "name",
            "options",
            "quantity",
            "unit_price_kurus",
            "total_kurus",
            "discount_kurus",
            "vat_bp",
            "vat_kurus",
            "note",
        ],
    },
    event: Shape { table: "cart_order_event", columns: &["order_id", "version", "status", "actor", "actor_id", "at"] },
};
