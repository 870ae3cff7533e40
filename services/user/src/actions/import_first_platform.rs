//! Catches up with the first platform, whose profiles and favourites stand in the same database.

use bus::dead_letters::RunMode;
use database::{Database, Result};
use kit::Imported;

use crate::MIGRATIONS;
use crate::store::first_platform::Profiles;

/// Adds the users, profiles and favourites that are not known here; `None` where the first platform has left
/// nothing of the kind.
///
/// # Errors
/// The database is away, or its tables are not up to date.
pub async fn import_first_platform(database: &Database, run: RunMode) -> Result<Option<Vec<Imported>>> {
    kit::import_first_platform::<Profiles>(database, MIGRATIONS, run).await
}
