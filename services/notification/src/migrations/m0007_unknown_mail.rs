//! Mails of types that only a later release knows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{binary, text, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(unknown_mail()).await?;
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn unknown_mail() -> TableCreateStatement {
    Table::create()
        .table("notification_unknown_mail")
        .col(uuid("event_id").primary_key())
        .col(text("kind"))
        .col(text("key"))
        .col(binary("sealed_event"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone("received_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str| Index::create().name(name).table("notification_unknown_mail").take();
    vec![
        // What a release knows that the one before did not.
        index("notification_unknown_mail_by_kind").col("kind").col("received_at").take(),
        index("notification_unknown_mail_by_age").col("received_at").take(),
    ]
}
