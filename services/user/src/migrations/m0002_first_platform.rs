//! Copies profiles and favourites of the first platform, where its tables stand in this database, and leaves them alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;

use crate::store::first_platform::{self, Shapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let connection = schema.get_connection();
        if first_platform::has_users(schema).await? {
            first_platform::copy_users(connection, SHAPES).await?;
        }
        for table in &first_platform::FAVORITES {
            if first_platform::has_favorites(schema, table).await? {
                first_platform::copy_favorites(connection, SHAPES, table, 0).await?;
            }
        }
        Ok(())
    }
}

/// What the tables have when this migration runs.
const SHAPES: Shapes = Shapes {
    account: Shape { table: "user_account", columns: &["id", "locale", "created_at"] },
    profile: Shape {
        table: "user_profile",
        columns: &["user_id", "full_name", "born_date", "gender", "phone", "created_at", "updated_at"],
    },
    favorite: Shape { table: "user_favorite", columns: &["user_id", "kind", "name"] },
};
