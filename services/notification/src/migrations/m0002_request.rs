//! Requests that an admin may repeat without asking for a second mail.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, text, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(request()).await?;
        schema.create_index(request_by_age()).await
    }
}

fn request() -> TableCreateStatement {
    Table::create()
        .table("notification_request")
        .col(uuid("user_id"))
        .col(text("key"))
        .col(binary("fingerprint"))
        .col(timestamp_with_time_zone("asked_at"))
        .primary_key(Index::create().col("user_id").col("key"))
        .take()
}

fn request_by_age() -> IndexCreateStatement {
    Index::create().name("notification_request_by_age").table("notification_request").col("asked_at").take()
}
