//! Campaigns and whom they reach: campaigns as they were announced, what was mailed to whom, each answer about commercial mail, since
//! when somebody follows a thing, and how many follow a restaurant.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, boolean, small_integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for column in [since(), text_null("subject")] {
            schema.alter_table(Table::alter().table("user_favorite").add_column(column).take()).await?;
        }
        for table in [campaign(), pace(), mailed(), consent(), restaurant(), cuisine(), audience(), audience_mark()] {
            schema.create_table(table).await?;
        }
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// Before everything, where it is not known; so a process of the release before adds it.
fn since() -> ColumnDef {
    timestamp_with_time_zone("created_at").default("1970-01-01T00:00:00+00:00").take()
}

fn campaign() -> TableCreateStatement {
    let mut table = Table::create()
        .table("user_campaign")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(uuid("restaurant_id"))
        .col(text("payload"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(boolean("is_withdrawn"))
        .col(text("state"))
        .col(text_null("reason"))
        .col(timestamp_with_time_zone("audience_at"))
        .col(timestamp_with_time_zone("heard_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(uuid_null("cursor"))
        .col(timestamp_with_time_zone_null("next_at"))
        .col(small_integer("attempts").default(0))
        .take();
    for count in CAMPAIGN_COUNTS {
        table.col(big_integer(count).default(0));
    }
    table
}

/// First what user counts, then what notification publishes, then how much of that an operator has let pass.
const CAMPAIGN_COUNTS: [&str; 15] = [
    "queued",
    "without_consent",
    "without_address",
    "capped",
    "dropped",
    "counted_version",
    "sent",
    "suppressed",
    "failed",
    "expired",
    "bounced",
    "refused",
    "excused_ended",
    "excused_bounced",
    "excused_refused",
];

/// One row: when the next chunk may be recorded, of whichever campaign.
fn pace() -> TableCreateStatement {
    Table::create()
        .table("user_campaign_pace")
        .col(small_integer("id").primary_key())
        .col(timestamp_with_time_zone("next_at"))
        .take()
}

fn mailed() -> TableCreateStatement {
    Table::create()
        .table("user_campaign_mail")
        .col(uuid("user_id"))
        .col(uuid("restaurant_id"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("user_id").col("restaurant_id").col("at"))
        .take()
}

fn consent() -> TableCreateStatement {
    Table::create()
        .table("user_consent")
        .col(uuid("id").primary_key())
        .col(uuid_null("user_id"))
        .col(text_null("address"))
        .col(text("channel"))
        .col(text("status"))
        .col(timestamp_with_time_zone("at"))
        .col(text("source"))
        .col(text_null("text_version"))
        .col(text_null("prefix"))
        .col(text_null("agent"))
        .col(text("iys_state"))
        .col(text_null("iys_ref"))
        .take()
}

fn restaurant() -> TableCreateStatement {
    Table::create()
        .table("user_restaurant")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(text("name"))
        .col(text("cuisines"))
        .col(boolean("is_deleted"))
        .take()
}

fn cuisine() -> TableCreateStatement {
    Table::create()
        .table("user_restaurant_cuisine")
        .col(text("subject"))
        .col(uuid("restaurant_id"))
        .primary_key(Index::create().col("subject").col("restaurant_id"))
        .take()
}

fn audience() -> TableCreateStatement {
    Table::create()
        .table("user_audience")
        .col(uuid("restaurant_id").primary_key())
        .col(big_integer("changes"))
        .col(big_integer("changes_needed"))
        .col(big_integer("changes_at_start"))
        .col(timestamp_with_time_zone("rests_until"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(uuid_null("cursor"))
        .col(big_integer("followers"))
        .col(big_integer("consenting"))
        .take()
}

fn audience_mark() -> TableCreateStatement {
    Table::create()
        .table("user_audience_mark")
        .col(big_pk_auto("id"))
        .col(text("kind"))
        .col(text("subject"))
        .col(uuid_null("cursor"))
        .take()
}

fn indexes() -> [IndexCreateStatement; 8] {
    let on = |table: &'static str, name: &str| Index::create().name(name).table(table).to_owned();
    let is_set = |column: &'static str| Expr::col(column).is_not_null();
    [
        on("user_campaign", "user_campaign_due").col("next_at").and_where(is_set("next_at")).take(),
        on("user_campaign_mail", "user_campaign_mail_by_time").col("at").take(),
        on("user_consent", "user_consent_by_address").col("address").col("status").take(),
        on("user_account", "user_account_by_email").col("email").take(),
        on("user_restaurant_cuisine", "user_restaurant_cuisine_of_restaurant").col("restaurant_id").take(),
        on("user_audience", "user_audience_due").col("due_at").and_where(is_set("due_at")).take(),
        followers(),
        unmatched(),
    ]
}

/// Finds who follows a restaurant or a cuisine, one after the other, and since when.
fn followers() -> IndexCreateStatement {
    Index::create()
        .name("user_favorite_followers")
        .table("user_favorite")
        .col("kind")
        .col("subject")
        .col("user_id")
        .col("created_at")
        .take()
}

/// Mostly empty: what no process of this release has written or matched yet.
fn unmatched() -> IndexCreateStatement {
    let unmatched = Expr::col("subject").is_null();
    Index::create().name("user_favorite_unmatched").table("user_favorite").col("id").and_where(unmatched).take()
}
