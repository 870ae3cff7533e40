//! All restaurants are published once more: for a service that has joined when nobody could be given any longer what was published
//! before, or whose database was lost.
//!
//! Each is recorded as it is, with the version that it has. Whoever knows that version leaves it out.

use std::time::Duration;

use anyhow::Result;
use bus::HearError;
use bus::fan_out::{self, Chunk, Place, Then};
use contracts::CatalogChanged;
use database::{Database, WriteTransaction};

use crate::store;

use super::address::{RESTAURANTS_AT_ONCE, parse_id};
use super::catalog::{complete, events, platform_event};

/// To everybody who hears of restaurants.
pub(crate) const FAN_OUT: &str = "all restaurants";
const SUBJECT: &str = "all";
/// Between two chunks, so that those who hear them keep up, and what changes meanwhile does not wait behind all.
const CHUNK_INTERVAL: Duration = Duration::from_millis(50);

/// Begins to publish all restaurants, also those that were deleted, and the platform's campaigns. A running process of the service
/// goes on with it. One that is under way begins anew.
///
/// # Errors
/// The database failed.
pub async fn publish_all(database: &Database) -> Result<()> {
    let tx = database.begin_read_committed().await?;
    fan_out::cancel(&tx, FAN_OUT, SUBJECT).await?;
    fan_out::begin(&tx, FAN_OUT, SUBJECT).await?;
    Ok(tx.commit().await?)
}

/// The next few restaurants as they are; the platform is among the first.
pub(crate) async fn next_restaurants(tx: &WriteTransaction, place: &Place) -> Result<Chunk<CatalogChanged>, HearError> {
    let after = place.cursor.as_deref().map(parse_id).transpose()?;
    let restaurants = store::restaurant::list_all(tx, after, RESTAURANTS_AT_ONCE).await?;
    let then = match restaurants.last() {
        Some(last) if restaurants.len() as u64 >= RESTAURANTS_AT_ONCE => {
            Then::GoOn { cursor: last.id.to_string(), pause: CHUNK_INTERVAL }
        }
        _ => Then::End,
    };
    let mut events = events(tx, &complete(tx, restaurants).await?).await?;
    if after.is_none()
        && let Some(version) = store::platform::find_version(tx).await?
    {
        events.push(platform_event(tx, version).await?);
    }
    Ok(Chunk { events, then })
}
