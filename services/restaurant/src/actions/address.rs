//! An address of a restaurant was written, changed or deleted.

use bus::HearError;
use contracts::{AddressChanged, EntityType};
use database::WriteTransaction;

use crate::store;
use crate::store::address::Address;
use crate::store::restaurant::Restaurant;

use super::catalog::record_changed;

/// Keeps a copy of the address unless a newer one is known, and decides anew of each restaurant there whether it is a draft; the
/// transaction is the event's. Where people live is none of this service's business.
pub(crate) async fn keep_address(tx: &WriteTransaction, event: &AddressChanged) -> Result<(), HearError> {
    if event.entity_type == EntityType::User {
        return Ok(());
    }
    let known = store::address::claim(tx, event.id).await?;
    if known.version >= event.version {
        return Ok(());
    }
    let address = Address::from(event.clone());
    store::address::update(tx, &address).await?;
    let mut restaurants = Vec::new();
    for before in store::restaurant::begin_versions_at(tx, event.id).await? {
        let draft_reason = before.draft_reason_at(&address);
        let after = Restaurant { draft_reason, updated_at: tx.now(), ..before.found_anew(tx.now()) };
        store::restaurant::update(tx, &after).await?;
        restaurants.push(after);
    }
    record_changed(tx, restaurants).await?;
    Ok(())
}
