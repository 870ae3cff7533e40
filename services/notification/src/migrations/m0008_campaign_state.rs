//! Campaigns whose mails stand, have ended, or end at another time than they say.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(campaign_state()).await?;
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// Mails of a campaign that stands wait until `held_until`, all of them. `due_at` is set while those that wait are to be brought forward
/// or ended.
fn campaign_state() -> TableCreateStatement {
    Table::create()
        .table("notification_campaign_state")
        .col(uuid("campaign_id").primary_key())
        .col(big_integer("version"))
        .col(text("state"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(timestamp_with_time_zone_null("held_until"))
        .col(timestamp_with_time_zone_null("due_at"))
        .take()
}

fn indexes() -> [IndexCreateStatement; 3] {
    let on = |table: &'static str, name: &str| Index::create().name(name).table(table).take();
    [
        on("notification_campaign_state", "notification_campaign_state_by_end").col("ends_at").take(),
        // Mostly empty.
        on("notification_campaign_state", "notification_campaign_state_due")
            .col("campaign_id")
            .and_where(Expr::col("due_at").is_not_null())
            .take(),
        // As short as what waits, however much of a campaign has ended.
        on("notification_mail", "notification_mail_waiting_of_campaign")
            .col("campaign_id")
            .col("next_at")
            .and_where(Expr::col("campaign_id").is_not_null())
            .and_where(Expr::col("next_at").is_not_null())
            .take(),
    ]
}
