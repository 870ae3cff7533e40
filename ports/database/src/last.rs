//! Rows that are inserted just before a commit, in as few statements as can be.

use sea_orm::{DbBackend, Statement, Value};

/// Rows of one statement, so that its values stay below what either database takes.
const AT_ONCE: usize = 500;

/// A row that is inserted just before the commit.
#[derive(Debug, Clone)]
pub struct LastRow {
    /// What it locks until the commit where several write at once; rows of one lock keep their order.
    pub lock: i64,
    /// `INSERT INTO` with the table and its columns.
    pub into: String,
    /// SQL for the first columns, each followed by a comma; empty where all columns are `values`.
    pub computed: &'static str,
    /// The other columns.
    pub values: Vec<Value>,
}

/// The statements that lock what `rows` lock, all of it first and in one order for everybody, and insert them.
pub(crate) fn statements(backend: DbBackend, mut rows: Vec<LastRow>) -> Vec<Statement> {
    // Stable: what has one lock keeps its order.
    rows.sort_by_key(|row| row.lock);
    match (backend, &rows[..]) {
        (_, []) => Vec::new(),
        (DbBackend::Postgres, [row]) => vec![insert_locked(row)],
        (DbBackend::Postgres, [..]) => [lock(&rows)].into_iter().chain(inserts(backend, &rows)).collect(),
        (_, [..]) => inserts(backend, &rows).collect(),
    }
}

/// One round trip for the one row that most transactions have.
fn insert_locked(row: &LastRow) -> Statement {
    let LastRow { lock, into, computed, values } = row;
    let names = names(2, values.len());
    let sql = format!("{into} SELECT {computed}{names} FROM (SELECT pg_advisory_xact_lock($1)) AS turn");
    let values = [Value::from(*lock)].into_iter().chain(values.iter().cloned());
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn lock(rows: &[LastRow]) -> Statement {
    let mut locks: Vec<i64> = rows.iter().map(|row| row.lock).collect();
    locks.dedup();
    let locks: Vec<String> = locks.iter().map(i64::to_string).collect();
    let sql = format!("SELECT pg_advisory_xact_lock(turn) FROM unnest(ARRAY[{}]::bigint[]) AS turn", locks.join(", "));
    Statement::from_string(DbBackend::Postgres, sql)
}

fn inserts(backend: DbBackend, rows: &[LastRow]) -> impl Iterator<Item = Statement> {
    rows.chunk_by(|a, b| a.into == b.into).flat_map(|alike| alike.chunks(AT_ONCE)).map(move |rows| {
        let mut first = 1;
        let tuples: Vec<String> = rows
            .iter()
            .map(|row| {
                let tuple = format!("({}{})", row.computed, names(first, row.values.len()));
                first += row.values.len();
                tuple
            })
            .collect();
        let sql = format!("{} VALUES {}", rows[0].into, tuples.join(", "));
        Statement::from_sql_and_values(backend, sql, rows.iter().flat_map(|row| row.values.iter().cloned()))
    })
}

fn names(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    names.join(", ")
}
