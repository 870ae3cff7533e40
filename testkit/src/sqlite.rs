//! The file of a platform's SQLite database, seen from outside.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row};

/// The database in `file`, which stands there.
pub struct SqliteFile(SqliteConnection);

impl SqliteFile {
    /// Opens it.
    ///
    /// # Errors
    /// There is no such database.
    pub async fn open(file: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).disable_statement_logging();
        SqliteConnection::connect_with(&options).await.map(Self)
    }

    /// Runs statements.
    ///
    /// # Errors
    /// SQLite refused one.
    pub async fn execute(&mut self, sql: &str) -> sqlx::Result<()> {
        self.0.execute(AssertSqlSafe(sql)).await.map(drop)
    }

    /// The first column of what a query finds, which is text.
    ///
    /// # Errors
    /// SQLite refused.
    pub async fn texts(&mut self, sql: &str) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.0).await
    }

    /// How a statement would be run, line by line: `SEARCH mail USING INDEX …`, `SCAN mail`.
    ///
    /// # Errors
    /// SQLite refused.
    pub async fn plan(&mut self, sql: &str) -> sqlx::Result<Vec<String>> {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let rows = self.0.fetch_all(AssertSqlSafe(explain.as_str())).await?;
        rows.iter().map(|row| row.try_get("detail")).collect()
    }
}
