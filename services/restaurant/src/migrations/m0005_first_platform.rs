//! Copies the restaurants and meals of the first platform, where their tables stand in this database, and leaves those alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;

use crate::store::first_platform::{self, Shapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_index(unrecorded()).await?;
        if first_platform::has_restaurants(schema).await? {
            first_platform::copy_restaurants(schema.get_connection(), SHAPES).await?;
        }
        if first_platform::has_meals(schema).await? {
            first_platform::copy_meals(schema.get_connection(), SHAPES).await?;
        }
        Ok(())
    }
}

/// Restaurants of which no event is recorded since they, or meals of theirs, were imported.
fn unrecorded() -> IndexCreateStatement {
    Index::create()
        .name("restaurant_restaurant_unrecorded")
        .table("restaurant_restaurant")
        .col("id")
        .and_where(Expr::cust("search_version = 0"))
        .and_where(Expr::cust("deleted_at IS NULL"))
        .take()
}

/// What the tables have when this migration runs.
const SHAPES: Shapes = Shapes {
    restaurant: Shape {
        table: "restaurant_restaurant",
        columns: &[
            "id",
            "owner_id",
            "name",
            "description",
            "logo",
            "phone_number",
            "email",
            "status",
            "address_id",
            "draft_reason",
            "time_zone",
            "opening_hours",
            "special_days",
            "closures",
            "last_order_min",
            "prep_time",
            "rating_avg",
            "rating_count",
            "delivery_fee_kurus",
            "min_order_kurus",
            "version",
            "search_version",
            "touched_at",
            "created_at",
            "updated_at",
        ],
    },
    meal: Shape {
        table: "restaurant_meal",
        columns: &[
            "id",
            "restaurant_id",
            "name",
            "description",
            "cuisine",
            "price_kurus",
            "image_url",
            "is_available",
            "contains_alcohol",
            "contains_pork",
            "position",
            "created_at",
            "updated_at",
        ],
    },
    complement: Shape {
        table: "restaurant_meal_complement",
        columns: &["meal_id", "other_id", "restaurant_id", "position"],
    },
};
