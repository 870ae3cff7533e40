//! `migrate`: brings the database up to date, and makes it when missing.

use crate::error::Result;
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation) -> Result<()> {
    let database = invocation.made_database().await?;
    database.close().await?;
    say("The database is up to date.")
}
