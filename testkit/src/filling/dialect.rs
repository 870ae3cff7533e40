//! How either database spells numbers of rows, ids and times.

/// Which database reads the statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// A table `numbers` whose column `n` counts from `first` to `last`.
    pub(super) fn numbers(self, first: u64, last: u64) -> String {
        match self {
            Self::Postgres => format!("generate_series({first}::bigint, {last}::bigint) AS numbers (n)"),
            Self::Sqlite => format!(
                "(WITH RECURSIVE counted (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM counted WHERE n < {last}) \
                 SELECT n FROM counted) AS numbers"
            ),
        }
    }

    /// An id that was made at `milliseconds`, and is told from others of that time by `number`.
    pub(super) fn id(self, milliseconds: &str, number: &str) -> String {
        match self {
            Self::Postgres => format!(
                "(lpad(to_hex(({milliseconds})::bigint), 12, '0') || '70008000' \
                 || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"
            ),
            Self::Sqlite => format!("unhex(printf('%012x70008000%012x', {milliseconds}, {number}))"),
        }
    }

    /// The instant `milliseconds`, to the second.
    pub(super) fn time(self, milliseconds: &str) -> String {
        match self {
            Self::Postgres => format!("to_timestamp(({milliseconds}) / 1000)"),
            Self::Sqlite => {
                format!("(strftime('%Y-%m-%dT%H:%M:%S', ({milliseconds}) / 1000, 'unixepoch') || '+00:00')")
            }
        }
    }

    /// So many bytes.
    pub(super) fn bytes(self, count: usize) -> String {
        match self {
            Self::Postgres => format!("convert_to(repeat('x', {count}), 'UTF8')"),
            Self::Sqlite => format!("CAST(printf('%.{count}c', 'x') AS BLOB)"),
        }
    }

    /// `insert` without the check that each row refers to one that stands there, which takes longer than the row itself.
    pub(super) fn unchecked(self, insert: &str) -> String {
        match self {
            Self::Postgres => {
                format!("SET session_replication_role = replica; {insert}; RESET session_replication_role")
            }
            Self::Sqlite => insert.to_owned(),
        }
    }
}
