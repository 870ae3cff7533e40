//! Mails of campaigns: what they are held to before they leave, what becomes of them, and who agrees to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, double, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no more.
        for column in mail_columns() {
            let added = Table::alter().table("notification_mail").add_column(column).take();
            schema.alter_table(added).await?;
        }
        for column in [text("reason").default("unsubscribed").take(), timestamp_with_time_zone_null("bounced_at")] {
            let added = Table::alter().table("notification_suppression").add_column(column).take();
            schema.alter_table(added).await?;
        }
        for table in [consent(), sender(), slow_domain(), campaign_tally()] {
            schema.create_table(table).await?;
        }
        for index in mail_indexes().into_iter().chain([slow_domain_by_age()]) {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// `domain` is that of the recipient. `counted_at` is set once a mail of a campaign that has ended is in the tally of that.
fn mail_columns() -> Vec<ColumnDef> {
    vec![
        uuid_null("campaign_id"),
        timestamp_with_time_zone_null("consent_at"),
        timestamp_with_time_zone_null("ends_at"),
        text_null("domain"),
        text_null("refusal"),
        timestamp_with_time_zone_null("counted_at"),
    ]
}

/// What a mailbox said last of commercial mail, also where it agreed: something older that comes later changes nothing.
fn consent() -> TableCreateStatement {
    Table::create()
        .table("notification_consent")
        .col(text("recipient").primary_key())
        .col(boolean("is_granted"))
        .col(timestamp_with_time_zone("said_at"))
        .take()
}

/// The processes that send, where several share the database.
fn sender() -> TableCreateStatement {
    Table::create()
        .table("notification_sender")
        .col(uuid("process").primary_key())
        .col(timestamp_with_time_zone("started_at"))
        .take()
}

/// Domains that have asked for fewer mails.
fn slow_domain() -> TableCreateStatement {
    Table::create()
        .table("notification_slow_domain")
        .col(text("domain").primary_key())
        .col(double("share"))
        .col(timestamp_with_time_zone("slowed_at"))
        .take()
}

fn slow_domain_by_age() -> IndexCreateStatement {
    Index::create().name("notification_slow_domain_by_age").table("notification_slow_domain").col("slowed_at").take()
}

fn campaign_tally() -> TableCreateStatement {
    let count = |name: &'static str| big_integer(name).default(0).take();
    Table::create()
        .table("notification_campaign_tally")
        .col(uuid("campaign_id").primary_key())
        .col(big_integer("version"))
        .col(count("sent"))
        .col(count("suppressed"))
        .col(count("failed"))
        .col(count("dropped"))
        .col(count("bounced"))
        .col(count("refused"))
        .col(timestamp_with_time_zone("counted_at"))
        .take()
}

fn mail_indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str| Index::create().name(name).table("notification_mail").take();
    vec![
        // What is left to do in each lane: a million waiting mails of one cost the other nothing. One index over both would be as large
        // as the one by time alone, and Postgres chooses that where it does not know how many mails of either there are.
        index("notification_mail_due_transactional")
            .col("next_at")
            .and_where(Expr::col("next_at").is_not_null())
            .and_where(Expr::col("is_commercial").not())
            .take(),
        index("notification_mail_due_commercial")
            .col("next_at")
            .and_where(Expr::col("next_at").is_not_null())
            .and_where(Expr::col("is_commercial"))
            .take(),
        // One mail of a campaign to a mailbox, whatever becomes of the events that ask for it.
        index("notification_mail_once_per_campaign")
            .unique()
            .col("campaign_id")
            .col("recipient")
            .and_where(Expr::col("campaign_id").is_not_null())
            .take(),
        // As short as what has ended since the last count.
        index("notification_mail_uncounted")
            .col("campaign_id")
            .col("id")
            .and_where(Expr::col("campaign_id").is_not_null())
            .and_where(Expr::col("finished_at").is_not_null())
            .and_where(Expr::col("counted_at").is_null())
            .take(),
    ]
}
