//! A database that an older or a newer release made.

use std::path::Path;

use clock::Sources;
use database::{Connection, Database, DatabaseUrl, Migrations, Vault};
use reqwest::StatusCode;

use super::process::{Process, run};

const KEY: (&str, &str) = ("SECRET_KEY", "a root key of the test's own, and long enough");
const LATER: &str = "m9999_later of auth";

#[tokio::test]
async fn an_older_schema_is_brought_up_to_date_by_the_server_and_by_no_command_that_only_reads() {
    let mut process = Process::new(&[KEY]);
    let data = process.server.folder().to_owned();
    std::fs::create_dir(&data).unwrap();
    let database = open(&data).await;
    database.migrate(bus::MIGRATIONS).await.unwrap();
    database
        .migrate(Migrations { list: || (auth::MIGRATIONS.list)().drain(..1).collect(), ..auth::MIGRATIONS })
        .await
        .unwrap();
    database.close().await.unwrap();

    let before = run(&data, &["keys", "list"], &[KEY]).await;
    process.server.start().await.unwrap();
    let after = run(&data, &["keys", "list"], &[KEY]).await;

    before.expect(2, "older schema than this program needs: start the server, or run: lezzetlimani migrate (m0002");
    assert_eq!(after.code, Some(0), "{after:?}");
}

#[tokio::test]
async fn a_newer_schema_is_served_by_nobody_who_does_not_know_it() {
    let mut process = Process::new(&[KEY]);
    process.server.start().await.unwrap();
    let data = process.server.folder().to_owned();
    let database = open(&data).await;
    let change = async |sql: &str| {
        database.execute_unprepared(sql).await.unwrap();
    };

    change("INSERT INTO auth_migration (version, applied_at) VALUES ('m9999_later', 0)").await;
    let outdated = process.sees("database", "not_ready", "schema").await;
    let line = process.warns_of(LATER).await;
    let command = run(&data, &["keys", "list"], &[KEY]).await;
    let stopped = process.server.stop().await.unwrap();
    let start = run(&data, &["serve", "--port", "0"], &[KEY]).await;
    change("DELETE FROM auth_migration WHERE version = 'm9999_later'").await;
    process.server.start().await.unwrap();

    assert_eq!((outdated.answer, outdated.status.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not_ready"));
    for text in [outdated.reason, line] {
        assert!(text.contains("newer schema") && text.contains(LATER), "{text}");
    }
    assert_eq!(stopped.code(), Some(0));
    for refused in [command, start] {
        refused.expect(2, &format!("the database has a newer schema than this program knows: {LATER}"));
    }
}

/// The database of the data folder `data`.
async fn open(data: &Path) -> Database {
    let (url, vault) = (DatabaseUrl::Sqlite(data.join("lezzetlimani.db")), Vault::new(KEY.1.as_bytes()));
    Database::connect(&url, Sources::system(), vault).await.unwrap()
}
