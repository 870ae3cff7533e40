//! Addresses: writing one down, reading, changing and deleting it.

use bus::outbox;
use contracts::{AddressChanged, AddressId, EntityType, Role, UserId};
use database::WriteTransaction;
use kit::idempotency::{self, Answer, Begun, Request};

use crate::error::AddressError;
use crate::model::{AddressChange, AddressOwner, AddressParts, Writer};
use crate::state::Addresses;
use crate::store;
use crate::store::address::Address;

use super::cached::{forget_all, lease_all};

/// Nobody lives in more places; it also bounds the answers, which are whole lists.
const LIST_END: u64 = 100;

/// Writes of somebody on one day: five of the longest lists. The services that hear of addresses keep a row of each that was
/// deleted.
const MOST_WRITES_A_DAY: i64 = 500;

/// An address to be written down.
pub(crate) struct CreateAddress {
    pub(crate) writer: Writer,
    pub(crate) entity_type: EntityType,
    pub(crate) parts: AddressParts,
}

/// Which address is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) id: AddressId,
    /// Of what kind it has to be, where the client says so.
    pub(crate) entity_type: Option<EntityType>,
}

impl Asked {
    fn is(self, address: &Address) -> bool {
        self.entity_type.is_none_or(|entity_type| entity_type == address.entity_type)
    }
}

/// Writes down an address, once for each `request`; answers what was answered first. A new default takes the place of the one
/// before.
pub(crate) async fn create_address(
    addresses: &Addresses,
    request: Option<Request>,
    CreateAddress { writer, entity_type, parts }: CreateAddress,
    answer: impl FnOnce(&Address) -> Answer,
) -> Result<Answer, AddressError> {
    if !writer.may_create(entity_type) {
        return Err(AddressError::NotYours);
    }
    let owner = AddressOwner::of(entity_type, writer.user_id);
    let tx = store::address::begin_write(&addresses.context.database, owner).await?;
    let tx = match idempotency::begin(tx, request).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(AddressError::KeyReused),
    };
    if store::address::count(&*tx, owner).await? >= LIST_END {
        return Err(AddressError::TooManyAddresses);
    }
    count_write(&tx, writer).await?;
    let mut changed = Vec::new();
    if parts.is_default {
        changed = store::address::clear_default(&tx, owner).await?;
    }
    let address = Address::new(AddressId(tx.sources().uuid()), writer, owner, parts, tx.now());
    store::address::insert(&tx, &address).await?;
    changed.push(address.clone());
    record(&tx, &changed).await?;
    lease_all(addresses, &changed).await;
    let answer = tx.commit(answer(&address)).await?;
    forget_all(addresses, &changed).await;
    Ok(answer)
}

/// All addresses of this kind that the user has written, oldest first.
pub(crate) async fn list_addresses(
    addresses: &Addresses,
    user_id: UserId,
    entity_type: EntityType,
) -> Result<Vec<Address>, AddressError> {
    let (database, owner) = (addresses.context.database.clone(), AddressOwner::of(entity_type, user_id));
    match entity_type {
        EntityType::Restaurant => Ok(store::address::list(&database, owner).await?),
        EntityType::User => {
            let load = move || async move {
                let list = store::address::list(&database, owner).await;
                list.map(|list| (!list.is_empty()).then_some(list))
            };
            Ok(addresses.cached_lists.read(user_id, load).await?.unwrap_or_default())
        }
    }
}

/// The address, if `reader` may see it: everybody one of a restaurant, its owner alone a home.
pub(crate) async fn find_address(
    addresses: &Addresses,
    asked: Asked,
    reader: Option<UserId>,
) -> Result<Address, AddressError> {
    let database = addresses.context.database.clone();
    let load = move || async move { store::address::find(&database, asked.id).await };
    let address = addresses.cached.read(asked.id, load).await?;
    let address = address.filter(|address| asked.is(address)).ok_or(AddressError::NotFound)?;
    match address.entity_type {
        EntityType::Restaurant => Ok(address),
        EntityType::User if reader.is_some_and(|reader| reader.0 == address.entity_id.0) => Ok(address),
        EntityType::User => Err(AddressError::NotYours),
    }
}

/// Changes what `change` names and leaves the rest.
pub(crate) async fn update_address(
    addresses: &Addresses,
    writer: Writer,
    asked: Asked,
    change: AddressChange,
) -> Result<Address, AddressError> {
    let (tx, before) = begin_change(addresses, writer, asked).await?;
    let after = before.clone().changed(change).map_err(AddressError::Coordinates)?;
    if after == before {
        return Ok(before);
    }
    count_write(&tx, writer).await?;
    let mut changed = Vec::new();
    if after.is_default && !before.is_default {
        changed = store::address::clear_default(&tx, before.owner()).await?;
    }
    let after = Address { version: before.version + 1, updated_at: tx.now(), ..after };
    store::address::update(&tx, &after).await?;
    changed.push(after.clone());
    record(&tx, &changed).await?;
    lease_all(addresses, &changed).await;
    tx.commit().await?;
    forget_all(addresses, &changed).await;
    Ok(after)
}

/// Deletes the address, and answers what it was.
pub(crate) async fn delete_address(
    addresses: &Addresses,
    writer: Writer,
    asked: Asked,
) -> Result<Address, AddressError> {
    let (tx, address) = begin_change(addresses, writer, asked).await?;
    count_write(&tx, writer).await?;
    store::address::delete(&tx, asked.id).await?;
    store::stale::insert(&tx, std::slice::from_ref(&address)).await?;
    outbox::record(&tx, &address.clone().deletion(tx.now())).await?;
    lease_all(addresses, std::slice::from_ref(&address)).await;
    tx.commit().await?;
    forget_all(addresses, std::slice::from_ref(&address)).await;
    Ok(address)
}

/// Begins a transaction that has the addresses of the same owner to itself, and reads the one that is meant, if it is the writer's
/// to change. Only the row itself says whose it is, so it is read once before.
async fn begin_change(
    addresses: &Addresses,
    writer: Writer,
    asked: Asked,
) -> Result<(WriteTransaction, Address), AddressError> {
    let database = &addresses.context.database;
    let is_theirs = |address: &Address| asked.is(address) && writer.may_change(address.owner(), address.created_by);
    let seen = store::address::find(database, asked.id).await?.filter(is_theirs).ok_or(AddressError::NotYours)?;
    let tx = store::address::begin_write(database, seen.owner()).await?;
    let address = store::address::find_of(&tx, asked.id, seen.owner()).await?.ok_or(AddressError::NotYours)?;
    Ok((tx, address))
}

/// Counts the write of this transaction, unless an admin makes it. What changes nothing is none.
async fn count_write(tx: &WriteTransaction, writer: Writer) -> Result<(), AddressError> {
    match writer.role {
        Role::Admin => Ok(()),
        Role::User | Role::Manager => Ok(kit::count_write(tx, "address", writer.user_id, MOST_WRITES_A_DAY).await??),
    }
}

/// Writes down what changes: for others to hear, and for whoever forgets what is cached of it.
async fn record(tx: &WriteTransaction, changed: &[Address]) -> Result<(), AddressError> {
    store::stale::insert(tx, changed).await?;
    let events: Vec<AddressChanged> = changed.iter().cloned().map(Into::into).collect();
    Ok(outbox::record_all(tx, &events).await?)
}
