//! Where diners live: kept as the address service publishes it.

use std::time::Duration;

use bus::HearError;
use contracts::{AddressChanged, AddressId, EntityType, UserId};
use database::WriteTransaction;

use crate::error::CartError;
use crate::state::Carts;
use crate::store;
use crate::store::address::Address;

/// So many a diner can choose from.
const MOST_ADDRESSES: u64 = 50;
/// How long an address is waited for that was just written.
const ADDRESS_TIMEOUT: Duration = Duration::from_secs(1);
const ADDRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The addresses of the user, the default one first.
pub(crate) async fn list_addresses(carts: &Carts, user_id: UserId) -> Result<Vec<Address>, CartError> {
    Ok(store::address::list(&carts.context.database, user_id, MOST_ADDRESSES).await?)
}

/// An address that was just written may not be known here yet: it is waited for as long as nobody minds. Whether it is known then.
pub(crate) async fn wait_for_address(carts: &Carts, id: AddressId) -> Result<bool, CartError> {
    let known = async {
        while !store::address::is_known(&carts.context.database, id).await? {
            carts.context.sources.sleep(ADDRESS_INTERVAL).await;
        }
        Ok(true)
    };
    tokio::time::timeout(ADDRESS_TIMEOUT, known).await.unwrap_or(Ok(false))
}

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
