//! What is published of where a campaign's mails stand, and when it went on last.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// A campaign that stands is taken up at its end, so that the rest is counted.
const AT_THEIR_END: &str =
    "UPDATE user_campaign SET next_at = ends_at WHERE state = 'paused' AND next_at IS NULL AND NOT is_withdrawn";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no more.
        for column in [big_integer("state_version").default(0).take(), timestamp_with_time_zone_null("progress_at")] {
            schema.alter_table(Table::alter().table("user_campaign").add_column(column).take()).await?;
        }
        schema.get_connection().execute_unprepared(AT_THEIR_END).await?;
        Ok(())
    }
}
