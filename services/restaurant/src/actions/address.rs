//! An address of a restaurant was written, changed or deleted.
//!
//! Any number of restaurants may be there, each with its menu in its event. So the address is kept at once, and the restaurants follow
//! it a few at a time.

use std::time::Duration;

use bus::HearError;
use bus::fan_out::{self, Chunk, Place, Then};
use contracts::{AddressChanged, AddressId, CatalogChanged, EntityType, RestaurantId};
use database::WriteTransaction;

use crate::model::DraftReason;
use crate::store;
use crate::store::address::Address;
use crate::store::restaurant::Restaurant;

use super::announcements;
use super::catalog::{complete, events};

/// To the restaurants at an address that has changed.
pub(crate) const FAN_OUT: &str = "restaurants at an address";
/// Restaurants that are recorded in one transaction: each with a menu of up to 400 KB.
pub(crate) const RESTAURANTS_AT_ONCE: u64 = 10;

/// Keeps a copy of the address unless a newer one is known, and begins to decide anew of each restaurant there whether it is a draft;
/// the transaction is the event's. Where people live is none of this service's business.
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
    // Who comes later has claimed the address behind this one, and decides by it.
    if store::restaurant::is_any_at(tx, event.id).await? {
        fan_out::begin(tx, FAN_OUT, &subject(&address)).await?;
    }
    Ok(())
}

/// Decides of the next few restaurants at an address; what they are then is to be recorded. A newer version of the address has a
/// fan-out of its own, with which this one ends.
pub(crate) async fn follow_address(tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
    let (id, version) = parse(&place.subject)?;
    let known = store::address::find(tx, id).await?;
    let Some(address) = known.filter(|known| known.version == version) else {
        return Ok(Chunk { events: Vec::new(), then: Then::End });
    };
    let after = place.cursor.as_deref().map(parse_id).transpose()?;
    let there = store::restaurant::list_at(tx, id, after, RESTAURANTS_AT_ONCE).await?;
    let then = match there.last() {
        Some(last) if there.len() as u64 >= RESTAURANTS_AT_ONCE => {
            Then::GoOn { cursor: last.id.to_string(), pause: Duration::ZERO }
        }
        _ => Then::End,
    };
    let affected = there.iter().filter(|there| is_affected(there, &address)).map(|there| there.id).collect();
    let mut changed = Vec::new();
    // Somebody may have deleted one meanwhile, or moved it.
    for before in store::restaurant::begin_versions_at(tx, id, affected).await? {
        let draft_reason = before.draft_reason_at(&address);
        let after = Restaurant { draft_reason, updated_at: tx.now(), ..before.found_anew(tx.now()) };
        store::restaurant::update(tx, &after).await?;
        announcements::follow(tx, &after).await?;
        changed.push(after);
    }
    Ok(Chunk { events: events(tx, &complete(tx, changed).await?).await?, then })
}

/// Whether the address makes anything else of the restaurant. Whoever hangs one on another's address gives its owner no work.
fn is_affected(restaurant: &Restaurant, address: &Address) -> bool {
    let is_of_another = Some(DraftReason::AddressOfAnother);
    let stays_of_another = DraftReason::of(restaurant.owner_id, address.written()) == is_of_another;
    !(stays_of_another && restaurant.draft_reason == is_of_another)
}

fn subject(address: &Address) -> String {
    format!("{} {}", address.id, address.version)
}

fn parse(subject: &str) -> Result<(AddressId, i64), HearError> {
    let parts = subject.split_once(' ').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
    parts.ok_or_else(|| HearError::Malformed(format!("no version of an address: {subject}")))
}

pub(super) fn parse_id(cursor: &str) -> Result<RestaurantId, HearError> {
    cursor.parse().map_err(|_| HearError::Malformed(format!("no id of a restaurant: {cursor}")))
}
