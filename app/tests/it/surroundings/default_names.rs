//! Postgres by `DB_HOST` alone: one process of all services has a database of another name than a service alone.

use serde_json::json;
use tempfile::TempDir;
use testkit::servers::postgres::{Durability, PostgresServer};
use testkit::servers::shared;
use tokio::process::Command;

use super::process::run;
use crate::support::{Ended, in_time};

/// A server of its own, because the names are the same for everybody.
struct Rig {
    postgres: PostgresServer,
    folder: TempDir,
}

impl Rig {
    /// None in a run without servers.
    async fn start() -> Option<Self> {
        if !shared::are_wanted() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let postgres = PostgresServer::start(folder.path(), Durability::Fast).await.unwrap();
        Some(Self { postgres, folder })
    }

    async fn sql(&self, statement: &str) {
        let mut command = Command::new("psql");
        let url = format!("{}/postgres", self.postgres.url());
        command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement, &url]);
        assert!(in_time("psql ends", command.status()).await.unwrap().success(), "{statement}");
    }

    async fn run(&self, arguments: &[&str], changes: &[(&str, &str)]) -> Ended {
        let port = self.postgres.port().to_string();
        let environment = [
            ("DB_HOST", "127.0.0.1"),
            ("DB_PORT", &port),
            ("SECRET_KEY", "a root key that all of these processes share"),
        ];
        let data = self.folder.path().join("unused");
        run(&data, arguments, &[&environment[..], changes].concat()).await
    }

    /// The commands about auth and about restaurant find tables, in which nobody has written anything.
    async fn finds_both(&self) {
        assert_eq!(self.run(&["keys", "list", "--json"], &[]).await.json(), json!([]));
        self.run(&["admin", "lock", "nobody@example.com"], &[]).await.expect(2, "there is no such account");
        let published = self.run(&["restaurants", "publish"], &[]).await;
        assert_eq!(published.code, Some(0), "{published:?}");
    }

    async fn migrate(&self, services: &[&str]) {
        let migrated = self.run(&[&["migrate"][..], services].concat(), &[]).await;
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
    }
}

#[tokio::test]
async fn commands_about_a_service_find_its_database_in_every_size() {
    let Some(rig) = Rig::start().await else { return };

    rig.run(&["keys", "list"], &[]).await.expect(1, "database \"auths\" does not exist");
    rig.sql("CREATE DATABASE lezzetlimani").await;
    rig.migrate(&[]).await;
    rig.finds_both().await;

    rig.sql("CREATE DATABASE auths").await;
    rig.sql("CREATE DATABASE restaurants").await;
    rig.finds_both().await;
    rig.migrate(&["auth"]).await;
    rig.migrate(&["restaurant"]).await;
    for command in [&["keys", "list"][..], &["admin", "lock", "nobody@example.com"], &["restaurants", "publish"]] {
        rig.run(command, &[]).await.expect(2, "name the one in use with DB_NAME");
        let named = rig.run(command, &[("DB_NAME", "lezzetlimani")]).await;
        assert!(!named.complained.contains("DB_NAME"), "{named:?}");
    }

    rig.sql("DROP DATABASE lezzetlimani WITH (FORCE)").await;
    rig.finds_both().await;
    rig.sql("CREATE DATABASE lezzetlimani").await;
    rig.finds_both().await;
}
