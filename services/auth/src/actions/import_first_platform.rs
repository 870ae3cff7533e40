//! Catches up with the first platform, whose accounts stand in the same database.

use bus::dead_letters::RunMode;
use database::{Database, Result};
use kit::Imported;

use crate::MIGRATIONS;
use crate::store::first_platform::Accounts;

/// Adds the accounts that are not known here, of which other services hear soon; `None` where the first platform has left
/// no accounts.
///
/// # Errors
/// The database is away, or its tables are not up to date.
pub async fn import_first_platform(database: &Database, run: RunMode) -> Result<Option<Vec<Imported>>> {
    kit::import_first_platform::<Accounts>(database, MIGRATIONS, run).await
}
