//! `migrate`: brings the database up to date, and makes it when missing.

use crate::command_line::Migrate;
use crate::error::Result;
use crate::services::Services;
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, migrate: Migrate) -> Result<()> {
    let database = invocation.migrated(Services::chosen(&migrate.services)).await?;
    database.close().await?;
    say("The database is up to date.")
}
