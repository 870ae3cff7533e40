//! What only a server of the test's own can show: refusals, TLS, a crash and a late start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use clock::Sources;
use contracts::Secret;
use database::{Connection, Database, DatabaseError, DatabaseUrl, Postgres, SslMode, Vault};
use sea_orm::Statement;
use tempfile::TempDir;
use testkit::servers::postgres::{Durability, PostgresServer};
use testkit::servers::shared;

struct Server {
    folder: TempDir,
    server: PostgresServer,
}

/// A server of the test's own; none where servers are not wanted.
async fn server() -> Option<Server> {
    if !shared::are_wanted() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = PostgresServer::start(folder.path(), Durability::Full).await.unwrap();
    Some(Server { folder, server })
}

impl Server {
    /// As `postgres`, without a password.
    fn trusted(&self) -> Postgres {
        Postgres::local(self.server.port(), "postgres", "postgres")
    }

    /// As somebody with a password, by TLS whose certificate is checked.
    fn secured(&self) -> Postgres {
        Postgres {
            host: "localhost".to_owned(),
            user: PostgresServer::USER.to_owned(),
            password: Some(Secret::new(PostgresServer::PASSWORD)),
            ssl: SslMode::VerifyFull,
            ca_file: Some(self.server.authority()),
            ..self.trusted()
        }
    }
}

async fn connect(address: Postgres) -> database::Result<Database> {
    Database::connect(&DatabaseUrl::Postgres(address), Sources::system(), Vault::new(b"a root key")).await
}

/// Why `address` is refused for good.
async fn refusal(address: Postgres) -> String {
    match connect(address).await.map(drop) {
        Err(error @ DatabaseError::Unexpected(_)) => error.to_string(),
        other => panic!("not refused for good: {other:?}"),
    }
}

async fn count(database: &Database) -> i64 {
    let count = Statement::from_string(database.get_database_backend(), "SELECT count(*) FROM kept");
    database.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_refusal_is_one_line_with_place_and_reason() {
    let Some(server) = server().await else { return };
    let (secured, port) = (server.secured(), server.server.port());

    let password = refusal(Postgres { password: Some(Secret::new("wrong")), ..secured.clone() }).await;
    let database = refusal(Postgres { name: "elsewhere".to_owned(), ..server.trusted() }).await;
    let plain = refusal(Postgres { ssl: SslMode::Disable, ca_file: None, ..secured.clone() }).await;
    let stranger = refusal(Postgres { ca_file: None, ..secured.clone() }).await;
    let name = refusal(Postgres { host: "127.0.0.1".to_owned(), ..secured }).await;

    let place = format!("database postgres at localhost:{port} as liman");
    assert!(password.contains(&place) && password.contains("password authentication failed"), "{password}");
    assert!(!password.contains("wrong"), "{password}");
    assert!(database.contains("database \"elsewhere\" does not exist"), "{database}");
    assert!(plain.contains("no pg_hba.conf entry"), "{plain}");
    assert!(stranger.contains("certificate"), "{stranger}");
    assert!(name.contains("certificate"), "{name}");
    for line in [password, database, plain, stranger, name] {
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[tokio::test]
async fn a_connection_is_protected_as_asked() {
    let Some(server) = server().await else { return };
    let secured = server.secured();
    let is_protected = async |ssl, ca_file| {
        let database = connect(Postgres { ssl, ca_file, ..secured.clone() }).await.unwrap();
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let statement = Statement::from_string(database.get_database_backend(), sql);
        database.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index::<bool>(0).unwrap()
    };
    let authority = Some(server.server.authority());

    assert!(is_protected(SslMode::VerifyFull, authority.clone()).await);
    assert!(is_protected(SslMode::VerifyCa, authority).await);
    assert!(is_protected(SslMode::Require, None).await);
    assert!(is_protected(SslMode::Prefer, None).await);
}

#[tokio::test]
async fn what_was_committed_survives_the_servers_death_and_the_database_comes_back_by_itself() {
    let Some(mut server) = server().await else { return };
    let database = connect(server.trusted()).await.unwrap();
    let mut lock = database.try_session_lock("relay").await.unwrap().unwrap();
    database.execute_unprepared("CREATE TABLE kept (number INTEGER NOT NULL)").await.unwrap();
    for number in 0..20 {
        let tx = database.begin_write().await.unwrap();
        tx.execute_unprepared(&format!("INSERT INTO kept VALUES ({number})")).await.unwrap();
        tx.commit().await.unwrap();
    }
    let identifier = database.system_identifier().await.unwrap();

    server.server.kill().unwrap();
    let started = Sources::system().now();
    let away = database.begin_write().await.map(drop);
    let waited = Sources::system().now() - started;
    server.server.restart().await.unwrap();

    assert!(matches!(away, Err(DatabaseError::Unavailable(_))), "{away:?}");
    assert!(waited.to_std().unwrap() < Duration::from_secs(5), "{waited}");
    assert_eq!(count(&database).await, 20);
    database.begin_write().await.unwrap().commit().await.unwrap();
    assert_eq!(database.system_identifier().await.unwrap(), identifier);
    assert!(!lock.is_held().await);
}

#[tokio::test]
async fn a_server_that_is_started_late_is_waited_for_and_one_that_refuses_is_not() {
    let Some(mut server) = server().await else { return };
    server.server.kill().unwrap();
    let late = DatabaseUrl::Postgres(server.trusted());
    let connect = |url: DatabaseUrl, timeout| async move {
        Database::connect_with_retry(&url, Sources::system(), Vault::new(b"a root key"), timeout).await.map(drop)
    };

    let given_up = connect(late.clone(), Duration::from_millis(100)).await;
    let (started, connected) = tokio::join!(server.server.restart(), connect(late, Duration::from_secs(60)));
    let unknown = Postgres { name: "elsewhere".to_owned(), ..server.trusted() };
    let refused = connect(DatabaseUrl::Postgres(unknown), Duration::from_secs(3_600)).await;

    assert!(
        matches!(&given_up, Err(DatabaseError::Unavailable(why)) if why.to_string().contains("refused")),
        "{given_up:?}"
    );
    assert!(started.is_ok() && connected.is_ok(), "{connected:?}");
    assert!(matches!(refused, Err(DatabaseError::Unexpected(_))), "{refused:?}");
    drop(server.folder);
}
