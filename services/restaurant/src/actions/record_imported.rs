//! Records `CatalogChanged` for restaurants that came from the first platform, or whose meals did.

use database::Database;

use crate::error::RestaurantError;
use crate::model::DraftReason;
use crate::store;
use crate::store::restaurant::Restaurant;

use super::catalog::record_changed;

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
            record(database, &restaurant).await?;
        }
    }
}

/// Decides whether it is a draft: its address may have become known before it was imported. Its address is claimed first, as by
/// whoever hears of that.
async fn record(database: &Database, imported: &Restaurant) -> Result<(), RestaurantError> {
    let tx = database.begin_read_committed().await?;
    let address = store::address::claim(&tx, imported.address_id).await?;
    let begun = store::restaurant::begin_version(&tx, imported.id, None).await?;
    // Somebody deleted it, moved it or recorded it meanwhile: the next round sees what is left to do.
    let Some(before) = begun.filter(|now| now.address_id == imported.address_id && now.search_version == 0) else {
        return Ok(());
    };
    let draft_reason = DraftReason::of(before.owner_id, address.written());
    let after = Restaurant { draft_reason, ..before.found_anew(tx.now()) };
    store::restaurant::update(&tx, &after).await?;
    store::campaign::follow(&tx, &after).await?;
    record_changed(&tx, vec![after]).await?;
    Ok(tx.commit().await?)
}
