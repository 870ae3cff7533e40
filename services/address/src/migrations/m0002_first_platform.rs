//! Copies the addresses of the first platform, where its table stands in this database, and leaves it alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;

use crate::store::first_platform::{self, Shapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if first_platform::has_addresses(schema).await? {
            first_platform::copy_addresses(schema.get_connection(), SHAPES).await?;
        }
        Ok(())
    }
}

/// What the tables have when this migration runs.
const SHAPES: Shapes = Shapes {
    address: Shape {
        table: "address_address",
        columns: &[
            "id",
            "entity_type",
            "entity_id",
            "created_by",
            "created_as",
            "title",
            "address",
            "city",
            "district",
            "full_address",
            "zip_code",
            "apartment",
            "floor",
            "door_number",
            "latitude",
            "longitude",
            "is_default",
            "version",
            "created_at",
            "updated_at",
        ],
    },
    seen: Shape { table: "address_first_platform", columns: &["id", "is_default"] },
};
