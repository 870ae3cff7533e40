//! Catches up with the first platform, whose restaurants and meals stand in the same database.

use bus::dead_letters::RunMode;
use database::{Database, Result};
use kit::Imported;

use crate::MIGRATIONS;
use crate::store::first_platform::RestaurantsAndMeals;

/// Adds the restaurants and meals that were never copied; `None` where the first platform has left nothing of the kind. A task
/// of the running service records their events.
///
/// # Errors
/// The database is away, or its tables are not up to date.
pub async fn import_first_platform(database: &Database, run: RunMode) -> Result<Option<Vec<Imported>>> {
    kit::import_first_platform::<RestaurantsAndMeals>(database, MIGRATIONS, run).await
}
