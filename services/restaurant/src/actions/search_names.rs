//! Adds to meals how searches compare their names, where the release that wrote them did not know of that.

use database::Database;

use crate::error::RestaurantError;
use crate::store;

/// Meals that are written in one transaction.
const BATCH: u64 = 100;

/// Finds nothing almost always.
pub(crate) async fn add_search_names(database: &Database) -> Result<(), RestaurantError> {
    loop {
        let missing = store::meal::list_without_search_name(database, BATCH).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let tx = database.begin_locked("names for searches").await?;
        for meal in &missing {
            store::meal::update_search_name(&tx, meal).await?;
        }
        tx.commit().await?;
    }
}
