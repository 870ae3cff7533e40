//! Mails, the built-in mailbox, and who wants no commercial mail.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    binary, binary_null, boolean, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null, uuid_uniq,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [mail(), mailbox_message(), suppression()] {
            schema.create_table(table).await?;
        }
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// `next_at` is when somebody has to look at the row again: its next try, or the end of the claim of the process that
/// tries it. Null when nothing is left to do; then `finished_at` is set and `sealed_content` is gone.
fn mail() -> TableCreateStatement {
    Table::create()
        .table("notification_mail")
        .col(uuid("id").primary_key())
        .col(uuid_uniq("event_id"))
        .col(text("kind"))
        .col(boolean("is_commercial"))
        .col(text("recipient"))
        .col(text("locale"))
        .col(text("subject"))
        .col(text("message_id"))
        .col(binary_null("sealed_content"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(integer("ambiguities"))
        .col(timestamp_with_time_zone_null("next_at"))
        .col(uuid_null("claim"))
        .col(text_null("last_reply"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .take()
}

fn mailbox_message() -> TableCreateStatement {
    Table::create()
        .table("notification_mailbox_message")
        .col(uuid("id").primary_key())
        .col(text("kind"))
        .col(text("recipient"))
        .col(text("locale"))
        .col(text("message_id"))
        .col(binary("sealed_content"))
        .col(timestamp_with_time_zone("received_at"))
        .take()
}

fn suppression() -> TableCreateStatement {
    Table::create()
        .table("notification_suppression")
        .col(text("recipient").primary_key())
        .col(timestamp_with_time_zone("unsubscribed_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str| Index::create().name(name).table(table).take();
    vec![
        // What is left to do: short, however many mails were sent.
        index("notification_mail_due", "notification_mail")
            .col("next_at")
            .and_where(Expr::col("next_at").is_not_null())
            .take(),
        index("notification_mail_by_recipient", "notification_mail").col("recipient").col("finished_at").take(),
        index("notification_mail_finished", "notification_mail")
            .col("finished_at")
            .and_where(Expr::col("finished_at").is_not_null())
            .take(),
        index("notification_mailbox_message_by_recipient", "notification_mailbox_message")
            .col("recipient")
            .col("id")
            .take(),
    ]
}
