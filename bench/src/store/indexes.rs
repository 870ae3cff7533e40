//! Indexes that are away while tables are filled.

use anyhow::Result;
use database::{Connection, Database};
use sea_orm::Statement;
use testkit::filling::Dialect;

use super::dialect;

/// The statements that make them.
pub(super) struct Indexes(Vec<String>);

impl Indexes {
    /// Drops those of `tables` that no constraint makes.
    pub(super) async fn take_away(database: &Database, tables: &[&str]) -> Result<Self> {
        let mut indexes = Vec::new();
        for table in tables {
            indexes.extend(indexes_of(database, table).await?);
        }
        for (name, _) in &indexes {
            database.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        Ok(Self(indexes.into_iter().map(|(_, create)| create).collect()))
    }

    /// Makes them as they stood, and lets the planner know what the tables hold.
    pub(super) async fn put_back(self, database: &Database) -> Result<()> {
        let afterwards: &[&str] = match dialect(database) {
            Dialect::Postgres => &["VACUUM ANALYZE", "CHECKPOINT"],
            Dialect::Sqlite => &["ANALYZE"],
        };
        for statement in self.0.iter().map(String::as_str).chain(afterwards.iter().copied()) {
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

/// Name and statement of each index that no constraint of the table makes.
async fn indexes_of(database: &Database, table: &str) -> Result<Vec<(String, String)>> {
    let select = match dialect(database) {
        Dialect::Postgres => format!(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i \
             WHERE i.indrelid = '{table}'::regclass \
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)"
        ),
        Dialect::Sqlite => {
            format!("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql <> ''")
        }
    };
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), select)).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
