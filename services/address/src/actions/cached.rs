//! What was read lately, and is forgotten once it changes.

use bus::HearError;
use contracts::{AddressId, EntityType};
use futures_util::future::{join, join_all};

use crate::error::AddressError;
use crate::model::AddressOwner;
use crate::state::Addresses;
use crate::store;
use crate::store::address::Address;

/// Changes whose caches are forgotten at once.
const BATCH: u64 = 100;

/// Forgets an address that has changed, and the list of its owner's.
pub(crate) async fn forget(addresses: &Addresses, id: AddressId, owner: AddressOwner) -> Result<(), HearError> {
    let list = async {
        match owner.entity_type {
            EntityType::User => addresses.cached_lists.changed(owner.entity_id).await,
            // Nobody reads these lists often.
            EntityType::Restaurant => Ok(()),
        }
    };
    let (address, list) = join(addresses.cached.changed(id), list).await;
    Ok(address.and(list).map_err(anyhow::Error::from)?)
}

/// Forgets what is cached of all that has changed lately, whoever has changed it: its writer may have died behind the commit, or not
/// have reached the store. What the store does not take is left to the next round.
pub(crate) async fn forget_stale(addresses: &Addresses) -> Result<(), AddressError> {
    let database = &addresses.context.database;
    loop {
        let stale = store::stale::list(database, BATCH).await?;
        let forgotten = join_all(stale.iter().map(|stale| forget(addresses, stale.address_id, stale.owner()))).await;
        let done: Vec<_> =
            stale.iter().zip(&forgotten).filter(|(_, done)| done.is_ok()).map(|(stale, _)| stale.id).collect();
        if done.is_empty() {
            return Ok(());
        }
        let tx = database.begin_read_committed().await?;
        store::stale::delete(&tx, done).await?;
        tx.commit().await?;
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

/// Forgets all that one transaction has changed, between its commit and the answer. Where the store is away, the event of
/// each of them does it as soon as the store is back.
pub(super) async fn forget_all(addresses: &Addresses, changed: &[Address]) {
    let forgotten = join_all(changed.iter().map(|address| forget(addresses, address.id, address.owner()))).await;
    for error in forgotten.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "an address may be read as it was until its event is heard");
    }
}
