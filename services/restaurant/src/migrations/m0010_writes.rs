//! How often each manager has written on a day.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let writes = Table::create()
            .table("restaurant_writes")
            .col(uuid("writer_id").primary_key())
            .col(big_integer("day"))
            .col(big_integer("count"))
            .take();
        schema.create_table(writes).await
    }
}
