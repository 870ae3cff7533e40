//! Mails that somebody asked for, until they are looked into.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mail_request = Table::create()
            .table("auth_mail_request")
            .col(uuid("id").primary_key())
            .col(binary("sealed"))
            .col(timestamp_with_time_zone_null("claimed_at"))
            .take();
        schema.create_table(mail_request).await
    }
}
