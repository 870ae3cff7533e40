//! Records `AddressChanged` for addresses that came from the first platform, as for any new one.

use bus::outbox;
use contracts::{AddressChanged, AddressId};
use database::Database;

use crate::error::AddressError;
use crate::model::AddressOwner;
use crate::store;

/// Addresses whose events are recorded with one transaction.
const BATCH: u64 = 100;

/// Finds nothing almost always.
pub(crate) async fn record_imported(database: &Database) -> Result<(), AddressError> {
    loop {
        let unrecorded = store::address::find_unrecorded(database, BATCH).await?;
        if unrecorded.is_empty() {
            return Ok(());
        }
        record_each(database, &unrecorded).await?;
    }
}

/// Under the locks of their owners: a change of an address counts its version up from the one that is given here, and an owner
/// who has chosen a default meanwhile keeps it.
async fn record_each(database: &Database, unrecorded: &[(AddressId, AddressOwner)]) -> Result<(), AddressError> {
    let ids: Vec<_> = unrecorded.iter().map(|(id, _)| *id).collect();
    let tx = store::address::begin_write_each(database, unrecorded.iter().map(|(_, owner)| *owner)).await?;
    let defaults = store::imported::find_defaults(&tx, ids.clone()).await?;
    for (id, owner) in unrecorded.iter().filter(|(id, _)| defaults.contains(id)) {
        store::address::make_default(&tx, *id, *owner).await?;
    }
    let changed = store::address::begin_versions(&tx, ids).await?;
    store::stale::insert(&tx, &changed).await?;
    let events: Vec<AddressChanged> = changed.into_iter().map(Into::into).collect();
    outbox::record_all(&tx, &events).await?;
    Ok(tx.commit().await?)
}
