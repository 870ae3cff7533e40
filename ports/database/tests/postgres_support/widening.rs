//! A migration that needs a table to itself.

use async_trait::async_trait;
use database::{Connection, Migrations};
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

pub(crate) const ALL: Migrations = Migrations { owner: "widening", list: || vec![Box::new(Widen)] };

struct Widen;

impl MigrationName for Widen {
    fn name(&self) -> &str {
        "widen"
    }
}

#[async_trait]
impl MigrationTrait for Widen {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.get_connection().execute_unprepared("ALTER TABLE test_number ADD COLUMN wide BIGINT").await?;
        Ok(())
    }
}
