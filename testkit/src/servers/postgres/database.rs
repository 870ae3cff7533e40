//! Databases on the shared server: one for each test, copied from a template that its test program makes once.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::PostgresServer;
use crate::servers::shared;

/// A database of a test's own; dropped, it is deleted.
pub struct TestDatabase {
    server: PgConnectOptions,
    name: String,
}

/// A new database on the shared server, empty but for what `prepare` puts into it; none in an embedded run. `prepare` is
/// run once for each `label` and test program: what it made is copied from then on. It must close what it opens.
///
/// # Panics
/// There is no shared server, or it can't do this.
pub async fn fresh_database(label: &str, prepare: impl AsyncFnOnce(&TestDatabase)) -> Option<TestDatabase> {
    let server = PgConnectOptions::from_str(&shared::postgres()?).expect("TEST_POSTGRES is a URL");
    Some(copy(server.disable_statement_logging(), label, prepare).await.expect("the shared Postgres makes databases"))
}

async fn copy(
    server: PgConnectOptions,
    label: &str,
    prepare: impl AsyncFnOnce(&TestDatabase),
) -> sqlx::Result<TestDatabase> {
    let mut connection = connect(&server).await?;
    let template = template_name(label);
    ensure(&mut connection, &server, &template, prepare).await?;
    // Names need no more than to differ on this server.
    let number: i64 = sqlx::query_scalar("SELECT nextval('test_database')").fetch_one(&mut connection).await?;
    let name = format!("test_{number}");
    run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
    connection.close().await?;
    Ok(TestDatabase { server, name })
}

/// Makes the template unless it stands there; other tests that want it wait meanwhile.
async fn ensure(
    connection: &mut PgConnection,
    server: &PgConnectOptions,
    template: &str,
    prepare: impl AsyncFnOnce(&TestDatabase),
) -> sqlx::Result<()> {
    run(connection, "SELECT pg_advisory_lock(1)").await?;
    run(connection, "CREATE SEQUENCE IF NOT EXISTS test_database").await?;
    let exists = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate").bind(template);
    if exists.fetch_optional(&mut *connection).await?.is_none() {
        // A test that ended in the middle may have left half of one.
        run(connection, &format!("DROP DATABASE IF EXISTS {template}")).await?;
        run(connection, &format!("CREATE DATABASE {template} TEMPLATE template0")).await?;
        let database = TestDatabase { server: server.clone(), name: template.to_owned() };
        prepare(&database).await;
        std::mem::forget(database);
        run(connection, &format!("ALTER DATABASE {template} IS_TEMPLATE true")).await?;
    }
    run(connection, "SELECT pg_advisory_unlock(1)").await
}

/// What a program prepares may be different after each build of it.
fn template_name(label: &str) -> String {
    let mut hasher = DefaultHasher::new();
    let program = std::env::current_exe().expect("a program knows its file");
    program.metadata().and_then(|file| file.modified()).expect("its file stands there").hash(&mut hasher);
    program.hash(&mut hasher);
    let mut name = format!("template_{label}_");
    write!(name, "{:016x}", hasher.finish()).expect("a text takes text");
    name
}

impl TestDatabase {
    /// The server's port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.server.get_port()
    }

    /// Its name there, for user postgres without a password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port(), self.name)
    }

    /// Runs statements as the server's owner may.
    ///
    /// # Panics
    /// The server refused.
    pub async fn execute(&self, sql: &str) {
        let mut connection = connect(&self.server.clone().database(&self.name)).await.expect("the server answers");
        run(&mut connection, sql).await.expect("the server takes this");
    }
}

impl TestDatabase {
    /// The first column of what a query finds, which is text.
    ///
    /// # Panics
    /// The server refused.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let mut connection = connect(&self.server.clone().database(&self.name)).await.expect("the server answers");
        let found = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut connection).await;
        let found = found.expect("the server takes this");
        connection.close().await.expect("a session can be closed");
        found
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let work = async move {
            let mut connection = connect(&server).await?;
            run(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
        };
        // A runtime can't be entered from within another one. What can't be deleted goes with the server.
        let thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(work))
        });
        let _ = thread.join();
    }
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    PgConnection::connect_with(options).await
}

async fn run(connection: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    connection.execute(AssertSqlSafe(sql)).await.map(drop)
}

pub(super) async fn make_user(port: u16) -> io::Result<()> {
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres");
    let (user, password) = (PostgresServer::USER, PostgresServer::PASSWORD);
    let made = async {
        let mut connection = connect(&options.database("postgres")).await?;
        run(&mut connection, &format!("CREATE ROLE {user} LOGIN CREATEDB PASSWORD '{password}'")).await?;
        connection.close().await
    };
    made.await.map_err(io::Error::other)
}
