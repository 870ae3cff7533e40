//! What all readers have taken leaves the log, and with it the secrets that it held.
//!
//! Rows are deleted, a few at a time. On Postgres that alone would leave more than a vacuum can clean up while others read
//! for long, so whole segments are emptied too: what is left behind there never outgrows two of them.

use std::collections::BTreeMap;

use clock::Timestamp;
use database::{Connection, Database, DatabaseError, Result};
use sea_orm::DbBackend;

use crate::store::outbox;
use crate::store::segment::{self, Readers, Segment};

/// Rows deleted in one transaction, so that other writers are not kept waiting.
const BATCH: u64 = 500;
/// When a segment has taken enough.
const SEGMENT: i64 = 16 * 1024 * 1024;

/// Lets go of what all of `readers` have taken, and on Postgres of what nobody reads and was recorded before `until`.
pub(crate) async fn trim(database: &Database, readers: &Readers<'_>, until: Timestamp) -> Result<()> {
    let is_segmented = database.get_database_backend() == DbBackend::Postgres;
    if is_segmented {
        recycle(database, readers, until, SEGMENT).await?;
    }
    for (topic, consumers) in by_topic(readers) {
        loop {
            let tx = database.begin_write().await?;
            let trimmed = outbox::trim(&tx, topic, &consumers, BATCH).await?;
            tx.commit().await?;
            // A segment is emptied faster than a backlog is deleted.
            if trimmed < BATCH || is_segmented {
                break;
            }
        }
    }
    Ok(())
}

/// Empties the segment that takes no new rows, or has it take them when the other one is larger than `enough`.
pub(super) async fn recycle(database: &Database, readers: &Readers<'_>, until: Timestamp, enough: i64) -> Result<()> {
    let segments = segment::both(database).await?;
    if segments.other_size > 0 {
        return match empty(database, segments.other, readers, until).await {
            // Somebody is in it, or was at the same; the next round comes soon.
            Err(DatabaseError::Unavailable(reason)) => {
                tracing::debug!(%reason, "a segment of the log is not emptied yet");
                Ok(())
            }
            emptied => emptied,
        };
    }
    if segments.current_size >= enough {
        let tx = database.begin_write().await?;
        segment::switch(&tx, segments.other).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn empty(database: &Database, segment: Segment, readers: &Readers<'_>, until: Timestamp) -> Result<()> {
    // While anything in it is wanted, those who read it must not be kept out.
    if segment::is_wanted(database, segment, readers, until).await? {
        return Ok(());
    }
    let tx = database.begin_write().await?;
    // First, so that what was committed until then is seen.
    segment::close(&tx, segment).await?;
    if !segment::is_wanted(&tx, segment, readers, until).await? {
        segment::truncate(&tx, segment).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn by_topic<'a>(readers: &Readers<'a>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut consumers: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (consumer, topic) in readers {
        consumers.entry(*topic).or_default().push(*consumer);
    }
    consumers
}
