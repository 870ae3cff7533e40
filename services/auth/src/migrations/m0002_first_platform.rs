//! Copies the accounts of the first platform, where its table `auth_db` stands in this database, and leaves it alone.

use database::import::Shape;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::store::first_platform::{self, Shapes};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(Table::create().table("auth_untold_account").col(uuid("id").primary_key()).take()).await?;
        if first_platform::is_here(schema).await? {
            let connection = schema.get_connection();
            first_platform::copy(connection, SHAPES).await?;
            connection.execute_unprepared(UNTOLD).await?;
        }
        Ok(())
    }
}

/// Also those that were here before: to hear of an account once more changes nothing.
const UNTOLD: &str = "INSERT INTO auth_untold_account (id) SELECT id FROM auth_account ON CONFLICT DO NOTHING";

/// What the tables have when this migration runs.
const SHAPES: Shapes = Shapes {
    account: Shape {
        table: "auth_account",
        columns: &["id", "email", "password_hash", "role", "locale", "is_demo", "created_at"],
    },
    unpublished: Shape { table: "auth_untold_account", columns: &["id"] },
};
