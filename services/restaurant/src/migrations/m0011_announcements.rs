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

#[cfg(test)]
mod tests {
    use database::{Connection as _, Migrations};
    use kit::on_every_database;
    use kit::testing::{Engine, TestPorts};

    use crate::MIGRATIONS;

    on_every_database! {
        ReleaseBefore:
        what_has_begun_is_not_announced_and_what_the_release_before_writes_meanwhile_is,
    }

    /// Ports with the tables of the release before.
    struct ReleaseBefore(TestPorts);

    const BEFORE: Migrations = Migrations { list: || (MIGRATIONS.list)().drain(..10).collect(), ..MIGRATIONS };

    impl ReleaseBefore {
        async fn on(engine: Engine) -> Option<Self> {
            let ports = match engine {
                Engine::Sqlite => TestPorts::fresh(engine, &[BEFORE]).await,
                // Others copy tables that are up to date.
                Engine::Postgres => TestPorts::with_first_platform("SELECT 1", &[BEFORE]).await,
            };
            ports.map(Self)
        }

        /// As the release before writes one.
        async fn write(&self, number: u8, start: &str) {
            let sql = format!(
                "INSERT INTO restaurant_campaign \
                 (id, restaurant_id, title, description, start_date, end_date, version, created_at, updated_at, hidden) \
                 VALUES ('0190c2a5-0000-7000-8000-00000000000{number}', '0190c2a5-0000-7000-8000-000000000000', 't', 'd', \
                 '{start}', '3001-01-01T00:00:00+00:00', 3, '{start}', '{start}', false)"
            );
            self.execute(&sql).await;
        }

        async fn execute(&self, sql: &str) -> u64 {
            let tx = self.0.context.database.begin_write().await.unwrap();
            let changed = tx.execute_unprepared(sql).await.unwrap().rows_affected();
            tx.commit().await.unwrap();
            changed
        }
    }

    async fn what_has_begun_is_not_announced_and_what_the_release_before_writes_meanwhile_is(before: ReleaseBefore) {
        before.write(1, "2020-01-01T00:00:00+00:00").await;
        before.write(2, "2999-12-31T00:00:00+00:00").await;

        before.0.context.database.migrate(MIGRATIONS).await.unwrap();
        before.write(3, "2020-01-01T00:00:00+00:00").await;

        let begun =
            before.execute("UPDATE restaurant_campaign SET version = version WHERE announced_version = 3").await;
        let due =
            "UPDATE restaurant_campaign SET version = version WHERE announced_version = 0 AND announced_at IS NULL";
        assert_eq!((begun, before.execute(due).await), (1, 2));
    }
}
