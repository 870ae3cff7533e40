//! What was read lately, and is forgotten once it changes.

use std::time::Duration;

use contracts::{AddressId, EntityType};
use futures_util::future::{join, join_all};

use crate::model::AddressOwner;
use crate::state::Addresses;
use crate::store;
use crate::store::address::Address;

/// Changes whose caches are forgotten at once.
const BATCH: u64 = 100;
/// So long it is tried to forget what was cached before a change: several times longer than anything is cached.
const RETENTION: Duration = Duration::from_secs(10 * 60);

/// Forgets an address that has changed, and the list of its owner's.
async fn forget(addresses: &Addresses, id: AddressId, owner: AddressOwner) -> anyhow::Result<()> {
    let list = async {
        match owner.entity_type {
            EntityType::User => addresses.cached_lists.changed(owner.entity_id).await,
            // Nobody reads these lists often.
            EntityType::Restaurant => Ok(()),
        }
    };
    let (address, list) = join(addresses.cached.changed(id), list).await;
    Ok(address.and(list)?)
}

/// Forgets what is cached of all that has changed lately, whoever has changed it: its writer may have died behind the commit, or not
/// have reached the store. What the store does not take is left to the next round, and keeps nothing else waiting; the first failure
/// is answered.
pub(crate) async fn forget_stale(addresses: &Addresses) -> anyhow::Result<()> {
    let database = &addresses.context.database;
    let (mut after, mut outcome) = (None, Ok(()));
    loop {
        let stale = store::stale::list(database, after, BATCH).await?;
        let Some(last) = stale.last() else { return outcome };
        after = Some(last.id);
        let forgotten = join_all(stale.iter().map(|stale| forget(addresses, stale.address_id, stale.owner()))).await;
        let mut done = Vec::with_capacity(stale.len());
        for (stale, forgotten) in stale.iter().zip(forgotten) {
            match forgotten {
                Ok(()) => done.push(stale.id),
                // Nothing that was cached then is there any more, whatever the store says.
                Err(_) if stale.is_older_than(RETENTION, addresses.context.now()) => done.push(stale.id),
                Err(error) => outcome = outcome.and(Err(error)),
            }
        }
        if !done.is_empty() {
            let tx = database.begin_read_committed().await?;
            store::stale::delete(&tx, done).await?;
            tx.commit().await?;
        }
    }
}

/// Keeps what is cached of all that one transaction has changed from being answered, from right before its commit until it is
/// forgotten, or for as long as a lease stands where the process dies in between.
pub(super) async fn lease_all(addresses: &Addresses, changed: &[Address]) {
    join_all(changed.iter().map(|address| lease(addresses, address.id, address.owner()))).await;
}

async fn lease(addresses: &Addresses, id: AddressId, owner: AddressOwner) {
    let list = async {
        match owner.entity_type {
            EntityType::User => addresses.cached_lists.changing(owner.entity_id).await,
            EntityType::Restaurant => {}
        }
    };
    join(addresses.cached.changing(id), list).await;
}

/// Forgets all that one transaction has changed, between its commit and the answer. Where the store is away, it is
/// forgotten within a second of its being back, by [`forget_stale`].
pub(super) async fn forget_all(addresses: &Addresses, changed: &[Address]) {
    let forgotten = join_all(changed.iter().map(|address| forget(addresses, address.id, address.owner()))).await;
    for error in forgotten.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "an address may be read as it was until the store is back");
    }
}
