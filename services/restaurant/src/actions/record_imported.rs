//! Records `CatalogChanged` for restaurants that came from the first platform, or whose meals did.

use contracts::RestaurantId;
use database::Database;

use crate::error::RestaurantError;
use crate::store;

use super::catalog::record_changed;
use super::restaurants::decide_imported;

/// Restaurants that are sought at once.
const BATCH: u64 = 100;

/// Finds nothing almost always.
pub(crate) async fn record_imported(database: &Database) -> Result<(), RestaurantError> {
    loop {
        let unrecorded = store::restaurant::find_unrecorded(database, BATCH).await?;
        if unrecorded.is_empty() {
            return Ok(());
        }
        for restaurant in unrecorded {
            record(database, restaurant.id).await?;
        }
    }
}

/// Decides whether it is a draft: its address may have become known before it was imported.
async fn record(database: &Database, id: RestaurantId) -> Result<(), RestaurantError> {
    let tx = database.begin_read_committed().await?;
    let begun = store::restaurant::begin_version(&tx, id, None).await?;
    // Somebody deleted it or recorded it meanwhile.
    let Some(imported) = begun.filter(|now| now.search_version == 0) else { return Ok(()) };
    let after = decide_imported(&tx, imported).await?;
    store::restaurant::update(&tx, &after).await?;
    record_changed(&tx, vec![after]).await?;
    Ok(tx.commit().await?)
}
