//! The queries of this service: one function for each question or change.

pub(crate) mod campaign_state;
pub(crate) mod campaign_tally;
pub(crate) mod consent;
pub(crate) mod mail;
pub(crate) mod mailbox;
pub(crate) mod sender;
pub(crate) mod slow_domain;
pub(crate) mod suppression;
pub(crate) mod unknown_mail;

use database::Connection;
use sea_orm::DbBackend;

/// Whether nobody else can have this database open: a SQLite file lies in a data folder, which its process locks.
pub(crate) fn belongs_to_one_process(connection: &impl Connection) -> bool {
    connection.get_database_backend() == DbBackend::Sqlite
}

/// Lets a test break the database in a way of its own.
#[cfg(test)]
pub(crate) async fn execute(connection: &impl Connection, sql: &str) -> database::Result<()> {
    connection.execute_unprepared(sql).await?;
    Ok(())
}
