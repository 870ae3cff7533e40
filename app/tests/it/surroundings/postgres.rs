//! A Postgres that bars the way, or comes late.

use reqwest::StatusCode;
use testkit::servers::postgres::{Durability, PostgresServer, fresh_database};
use testkit::servers::shared;
use testkit::{SmtpSink, free_port};

use super::fleet::Fleet;
use super::process::{Process, refused};
use crate::support::{at_last, http_client};

#[tokio::test]
async fn what_will_not_pass_by_itself_stops_the_start_in_one_line() {
    let Some(database) = fresh_database("empty", async |_| {}).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let stranger = folder.path().join("stranger.pem");
    std::fs::write(&stranger, SmtpSink::start().await.unwrap().certificate()).unwrap();
    let (port, name) = (database.port().to_string(), database.name());
    let address = [
        ("DB_HOST", "localhost"),
        ("DB_PORT", &port),
        ("DB_NAME", name),
        ("DB_USER", PostgresServer::USER),
        ("DB_SSLMODE", "require"),
        ("DB_PASSWORD", PostgresServer::PASSWORD),
    ];
    let with = async |changes: &[(&'static str, &str)]| refused(&[&address[..], changes].concat()).await;

    let password = with(&[("DB_PASSWORD", "hunter2")]).await;
    let authority = with(&[("DB_SSLMODE", "verify-full"), ("DB_CA_FILE", stranger.to_str().unwrap())]).await;
    let unknown = with(&[("DB_NAME", "elsewhere")]).await;

    let place = |name: &str| format!("Postgres, database {name} at localhost:{port} as liman: ");
    password.expect(1, &format!("{}password authentication failed", place(name)));
    authority.expect(1, &format!("{}invalid peer certificate", place(name)));
    unknown.expect(1, &format!("{}database \"elsewhere\" does not exist", place("elsewhere")));
    assert!(!password.complained.contains("hunter2"), "{password:?}");
}

#[tokio::test]
async fn a_password_that_is_changed_beneath_a_process_is_reported_until_it_is_changed_back() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let database = &fleet.database;
    let user = format!("{}_user", database.name());
    database.execute(&format!("CREATE ROLE {user} LOGIN PASSWORD 'the-first-password'")).await;
    database.execute(&format!("ALTER DATABASE {} OWNER TO {user}", database.name())).await;
    let url = format!("postgres://{user}:the-first-password@localhost:{}/{}", database.port(), database.name());
    let mut process = fleet.process_with("auth", &[("DATABASE_URL", &url)]);
    process.server.start().await.unwrap();

    let change_password = async |to: &str| database.execute(&format!("ALTER ROLE {user} PASSWORD '{to}'")).await;
    let end_sessions = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}'");
    change_password("the-second-password").await;
    // One that was signing in meanwhile shows only later.
    let barred = at_last("the process has no session left", async || {
        database.execute(&end_sessions).await;
        process.poll("database", "not_ready", "password").await
    });
    let barred = barred.await;
    let live = http_client().get(process.server.url("/health/live")).send().await.unwrap().status();
    change_password("the-first-password").await;
    process.is_ready().await;

    assert_eq!((barred.answer, barred.status.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not_ready"));
    let line = process.warns_of("password authentication failed").await;
    for text in [&barred.reason, &line] {
        assert!(text.contains("password authentication failed") && !text.contains("the-first-password"), "{text}");
    }
    assert_eq!(live, StatusCode::OK);
    assert_eq!(process.register("ayse@example.com").await, StatusCode::CREATED);
}

#[tokio::test]
async fn a_postgres_that_comes_late_is_waited_for() {
    if !shared::are_wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut postgres = PostgresServer::start(folder.path(), Durability::Fast).await.unwrap();
    postgres.kill().unwrap();

    let process = Process::launch(&[("DATABASE_URL", &format!("{}/postgres", postgres.url()))]);
    let line = process.warns_of("the database is away").await;
    postgres.restart().await.unwrap();
    process.is_ready().await;

    let place = format!("Postgres, database postgres at 127.0.0.1:{} as postgres: ", postgres.port());
    assert!(line.contains(&place) && line.contains("refused"), "{line}");
    assert_eq!(process.register("ayse@example.com").await, StatusCode::CREATED);
}

#[tokio::test]
async fn a_process_that_waits_for_its_database_can_be_stopped() {
    // A port that was free a moment ago.
    let port = free_port().unwrap();
    let mut process = Process::launch(&[("DATABASE_URL", &format!("postgres://postgres@127.0.0.1:{port}/liman"))]);
    process.warns_of("the database is away").await;

    let status = process.server.stop().await.unwrap();

    assert_eq!(status.code(), Some(0));
    assert!(process.log().contains("stopped before it was ready"), "{}", process.log());
}
