//! The queries of the bus: one function for each question or change, in the SQL that both databases understand.

pub(crate) mod dead_letter;
pub(crate) mod fan_out;
pub(crate) mod held;
pub(crate) mod inbox;
pub(crate) mod origin;
pub(crate) mod outbox;
pub(crate) mod parked;
pub(crate) mod position;
pub(crate) mod segment;
pub(crate) mod status;

use database::Connection;
use sea_orm::{DbBackend, Statement, Value};

/// Where the two databases do not understand the same SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Postgres,
    Sqlite,
}

fn dialect<C: Connection>(connection: &C) -> Dialect {
    if connection.get_database_backend() == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite }
}

/// A statement whose values are called `$1`, `$2` and so on.
fn sql<C: Connection>(connection: &C, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), text, values)
}

/// `count` names of values, from `$first` on; null, which equals nothing, when there are none.
fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    if names.is_empty() { "NULL".to_owned() } else { names.join(", ") }
}
