//! Rows as years of use leave them, in every table that grows and that may hold rows while nobody works on them.
//!
//! The statements are text for either database; whoever has a connection runs them. Ages are spread over the time for which
//! rows are kept, most sessions have ended, and most mails were sent. Nothing is due before six hours are over.

mod dialect;
mod rows;

use clock::Timestamp;

pub use dialect::Dialect;

/// What a database is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Filling {
    /// Who reads it.
    pub dialect: Dialect,
    /// So many accounts, and ten times as many sessions, security events and mails.
    pub accounts: u64,
    /// The newest rows are a bit older.
    pub now: Timestamp,
}

/// What is trimmed as soon as a process starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trimmed {
    /// Sessions and security events.
    Auth,
    /// The inbox.
    Bus,
    /// Mails.
    Notification,
}

impl Filling {
    /// The tables that are filled.
    #[must_use]
    pub fn tables() -> Vec<&'static str> {
        let any = Self { dialect: Dialect::Sqlite, accounts: 1, now: Timestamp::UNIX_EPOCH };
        rows::all(&any).iter().map(|rows| rows.table).collect()
    }

    /// Statements that fill all tables, in this order, with up to `chunk` rows each.
    #[must_use]
    pub fn statements(&self, chunk: u64) -> Vec<String> {
        rows::all(self).iter().flat_map(|rows| rows.statements(self.dialect, chunk)).collect()
    }

    /// Statements that add `count` rows that are a day too old, for each table of `Trimmed`. Once those are trimmed, they can
    /// be added again.
    #[must_use]
    pub fn expired(&self, count: u64) -> Vec<String> {
        rows::expired(self, count).iter().flat_map(|rows| rows.statements(self.dialect, count)).collect()
    }

    /// Statements that add `count` sessions of somebody's, of which the ledger knows just now that they have ended, and nobody
    /// else does.
    #[must_use]
    pub fn ended(&self, count: u64, chunk: u64) -> Vec<String> {
        rows::ended(self, count).statements(self.dialect, chunk)
    }

    /// A query that finds a row, a number, while an end in the ledger waits to be published.
    pub const FIND_UNPUBLISHED: &str =
        "SELECT 1 FROM auth_session WHERE revoked_at IS NOT NULL AND told_at IS NULL LIMIT 1";

    /// A query that finds a row, a number, while what is [`Filling::expired`] stands there.
    #[must_use]
    pub fn find_expired(&self, of: Trimmed) -> String {
        let found = rows::too_old(self, of).into_iter().map(|(table, condition)| {
            format!("SELECT 1 FROM (SELECT 1 FROM {table} WHERE {condition} LIMIT 1) AS {table}")
        });
        found.collect::<Vec<_>>().join(" UNION ALL ")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn no_row_is_left_out_or_written_twice() {
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let filling = Filling { dialect: Dialect::Postgres, accounts: 25, now };

        let statements = filling.statements(100);

        let sessions: Vec<&String> = statements.iter().filter(|sql| sql.contains("INTO auth_session ")).collect();
        assert_eq!(sessions.len(), 3);
        for (sql, series) in sessions.iter().zip(["1::bigint, 100", "101::bigint, 200", "201::bigint, 250"]) {
            assert!(sql.contains(&format!("generate_series({series}::bigint)")), "{sql}");
        }
    }
}
