//! Campaigns know which version of them was announced last and when, and restaurants how many follow them.
//!
//! What is not announced is what has a larger version, so campaigns that the release before writes meanwhile are announced, too. Those
//! that stood here and had begun are not: their diners would hear of what they have seen for weeks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, small_integer, timestamp_with_time_zone_null, uuid};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            big_integer("announced_version").default(0).take(),
            timestamp_with_time_zone_null("announced_at").take(),
            timestamp_with_time_zone_null("announce_after").take(),
            small_integer("announce_attempts").default(0).take(),
        ] {
            schema.alter_table(Table::alter().table("restaurant_campaign").add_column(column).take()).await?;
        }
        let is_on_postgres = schema.get_database_backend() == DbBackend::Postgres;
        let begun = if is_on_postgres { BEGUN_ON_POSTGRES } else { BEGUN_ON_SQLITE };
        for statement in [begun, UNANNOUNCED] {
            schema.get_connection().execute_unprepared(statement).await?;
        }
        schema.create_table(audience()).await
    }
}

const BEGUN_ON_POSTGRES: &str = "UPDATE restaurant_campaign SET announced_version = version WHERE start_date <= now()";
const BEGUN_ON_SQLITE: &str = "UPDATE restaurant_campaign SET announced_version = version \
    WHERE start_date <= strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')";

/// What is to be announced, by when it is due.
const UNANNOUNCED: &str = "CREATE INDEX restaurant_campaign_unannounced \
    ON restaurant_campaign (coalesce(announce_after, start_date)) \
    WHERE announced_version < version AND NOT hidden AND restaurant_id IS NOT NULL";

/// Without a time the restaurant was deleted.
fn audience() -> TableCreateStatement {
    Table::create()
        .table("restaurant_audience")
        .col(uuid("restaurant_id").primary_key())
        .col(big_integer_null("followers"))
        .col(big_integer_null("consenting"))
        .col(timestamp_with_time_zone_null("counted_at"))
        .take()
}
