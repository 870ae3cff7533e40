//! Of which addresses something may be cached that they are no longer.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let stale = Table::create()
            .table("address_stale")
            .col(uuid("id").primary_key())
            .col(uuid("address_id"))
            .col(text("entity_type"))
            .col(uuid("entity_id"))
            .take();
        schema.create_table(stale).await
    }
}
