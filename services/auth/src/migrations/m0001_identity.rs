//! Accounts, sessions, used tokens, security events and signing keys.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, binary, boolean, text, text_null, text_uniq, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [account(), session(), used_token(), security_event(), signing_key()] {
            schema.create_table(table).await?;
        }
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn account() -> TableCreateStatement {
    Table::create()
        .table("auth_account")
        .col(uuid("id").primary_key())
        .col(text_uniq("email"))
        .col(text("password_hash"))
        .col(text("role"))
        .col(text("locale"))
        .col(boolean("is_demo"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("locked_at"))
        .take()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("auth_session")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(uuid("device_id"))
        .col(text_null("user_agent"))
        .col(text("network"))
        .col(big_integer("generation"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_seen_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(timestamp_with_time_zone_null("told_at"))
        .foreign_key(ForeignKey::create().from("auth_session", "user_id").to("auth_account", "id"))
        .take()
}

fn used_token() -> TableCreateStatement {
    Table::create()
        .table("auth_used_token")
        .col(text("digest").primary_key())
        .col(uuid("user_id"))
        .col(uuid_null("session_id"))
        .col(timestamp_with_time_zone("used_at"))
        .take()
}

/// Without a foreign key: what happened to an address without an account is recorded too.
fn security_event() -> TableCreateStatement {
    Table::create()
        .table("auth_security_event")
        .col(uuid("id").primary_key())
        .col(uuid_null("user_id"))
        .col(text("kind"))
        .col(timestamp_with_time_zone("at"))
        .col(text_null("network"))
        .col(text_null("user_agent"))
        .take()
}

fn signing_key() -> TableCreateStatement {
    Table::create()
        .table("auth_signing_key")
        .col(text("kid").primary_key())
        .col(text("public_key"))
        .col(binary("sealed_private_key"))
        .col(text("state"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("published_at"))
        .col(timestamp_with_time_zone_null("retired_at"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str| Index::create().name(name).table(table).take();
    vec![
        index("auth_session_by_user", "auth_session").col("user_id").col("id").take(),
        // Almost always empty: what a sweep has to publish.
        index("auth_session_untold", "auth_session")
            .col("revoked_at")
            .and_where(Expr::col("revoked_at").is_not_null())
            .and_where(Expr::col("told_at").is_null())
            .take(),
        index("auth_session_told", "auth_session").col("told_at").and_where(Expr::col("told_at").is_not_null()).take(),
        index("auth_used_token_by_time", "auth_used_token").col("used_at").take(),
        index("auth_security_event_by_user", "auth_security_event").col("user_id").col("id").take(),
        // Two keys can't be current, whoever makes them at the same time.
        index("auth_signing_key_current", "auth_signing_key")
            .col("state")
            .unique()
            .and_where(Expr::col("state").is_in(["next", "current"]))
            .take(),
    ]
}
