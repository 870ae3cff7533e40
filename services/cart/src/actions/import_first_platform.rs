//! Catches up with the first platform, whose carts and orders stand in the same database.

use bus::dead_letters::RunMode;
use database::{Database, Result};
use kit::Imported;

use crate::MIGRATIONS;
use crate::store::first_platform::CartsAndOrders;

/// Adds the carts of users who never had one here, and orders that are not known here; `None` where the first platform has left
/// nothing of the kind.
///
/// # Errors
/// The database is away, or its tables are not up to date.
pub async fn import_first_platform(database: &Database, run: RunMode) -> Result<Option<Vec<Imported>>> {
    kit::import_first_platform::<CartsAndOrders>(database, MIGRATIONS, run).await
}
