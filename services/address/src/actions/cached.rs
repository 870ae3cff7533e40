//! What was read lately, and is forgotten once it changes.

use bus::HearError;
use contracts::{AddressId, EntityType};
use futures_util::future::{join, join_all};

use crate::model::AddressOwner;
use crate::state::Addresses;
use crate::store::address::Address;

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

/// The same for all that one transaction has changed, between its commit and the answer. Where the store is away, the event of
/// each of them does it as soon as the store is back.
pub(super) async fn forget_all(addresses: &Addresses, changed: &[Address]) {
    let forgotten = join_all(changed.iter().map(|address| forget(addresses, address.id, address.owner()))).await;
    for error in forgotten.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "an address may be read as it was until its event is heard");
    }
}
