//! Where diners live: kept as the address service publishes it.

use bus::HearError;
use contracts::{AddressChanged, EntityType, UserId};
use database::WriteTransaction;

use crate::store;
use crate::store::address::Address;

/// Keeps what the address is now, unless a newer state is known; the transaction is the event's. Nobody orders to a restaurant.
pub(crate) async fn keep_address(tx: &WriteTransaction, event: &AddressChanged) -> Result<(), HearError> {
    match event.entity_type {
        EntityType::Restaurant => Ok(()),
        EntityType::User => {
            let details = event.address.clone();
            let is_default = details.as_ref().is_some_and(|details| details.is_default);
            let (id, user_id, version) = (event.id, UserId(event.entity_id.0), event.version);
            Ok(store::address::put(tx, Address { id, user_id, version, details, is_default }).await?)
        }
    }
}
