//! Requests that an admin may repeat are kept where those of all services are.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// The answer in the language that the platform speaks first.
const MOVE: &str = "INSERT INTO idempotency_key (scope, caller, key, fingerprint, status, language, body, begun_at) \
    SELECT 'notification request', user_id, 'k:' || key, fingerprint, 200, 'tr', \
    '{\"message\":\"İleti yola çıktı.\",\"status\":\"success\"}', asked_at FROM notification_request WHERE true \
    ON CONFLICT (scope, caller, key) DO NOTHING";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.get_connection().execute_unprepared(MOVE).await?;
        schema.drop_table(Table::drop().table("notification_request").take()).await
    }
}

#[cfg(test)]
mod tests {
    use clock::Sources;
    use database::{Connection, Database, DatabaseUrl, Migrations, Postgres, Vault};
    use testkit::servers::postgres::fresh_database;

    use crate::MIGRATIONS;

    const REQUEST: &str = "INSERT INTO notification_request (user_id, key, fingerprint, asked_at) \
        VALUES ('0190c2a5-0000-7000-8000-000000000001', 'k', 'f', '2026-03-02 12:00:00+00:00')";
    const MOVED: &str = "UPDATE idempotency_key SET status = 201 \
        WHERE scope = 'notification request' AND key = 'k:k' AND status = 200 AND begun_at > '2026-03-02 11:00:00+00:00'";

    async fn what_was_asked_before_is_known(url: &DatabaseUrl) {
        let database = Database::connect(url, Sources::system(), Vault::new(&[7; 32])).await.unwrap();
        let before = Migrations { list: || (MIGRATIONS.list)().drain(..4).collect(), ..MIGRATIONS };
        for migrations in [database::idempotency::MIGRATIONS, before] {
            database.migrate(migrations).await.unwrap();
        }
        let tx = database.begin_write().await.unwrap();
        tx.execute_unprepared(REQUEST).await.unwrap();
        tx.commit().await.unwrap();

        database.migrate(MIGRATIONS).await.unwrap();

        let tx = database.begin_write().await.unwrap();
        assert_eq!(tx.execute_unprepared(MOVED).await.unwrap().rows_affected(), 1);
    }

    #[tokio::test]
    async fn what_was_asked_before_is_known_sqlite() {
        let folder = tempfile::tempdir().unwrap();
        what_was_asked_before_is_known(&DatabaseUrl::Sqlite(folder.path().join("test.db"))).await;
    }

    #[tokio::test]
    async fn what_was_asked_before_is_known_postgres() {
        if let Some(place) = fresh_database("empty", async |_| ()).await {
            let postgres = Postgres::local(place.port(), "postgres", place.name());
            what_was_asked_before_is_known(&DatabaseUrl::Postgres(postgres)).await;
        }
    }
}
