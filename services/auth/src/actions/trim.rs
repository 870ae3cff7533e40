//! Forgets what was kept long enough.

use std::time::Duration;

use clock::Timestamp;
use contracts::SessionId;
use database::{Database, Result};
use uuid::Uuid;

use super::session;
use crate::model::device::COOKIE_LIFE;
use crate::store;

/// Used tokens, security events and retired keys are kept for a year.
const KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The ledger knows a device for as long as its cookie lives after the longest session.
const SESSIONS_KEPT: Duration = session::LONGEST.saturating_add(COOKIE_LIFE);
/// How often it is worth a look.
pub(crate) const PERIOD: Duration = Duration::from_secs(60 * 60);
/// Rows deleted in one transaction.
const BATCH: u64 = 1_000;

pub(crate) async fn trim(database: &Database) -> Result<()> {
    let now = database.sources().now();
    let tx = database.begin_conditional_write().await?;
    store::used_token::trim(&tx, now - KEPT).await?;
    store::signing_key::trim(&tx, now - KEPT).await?;
    tx.commit().await?;
    while trim_batch(database, now).await? > 0 {}
    Ok(())
}

async fn trim_batch(database: &Database, now: Timestamp) -> Result<u64> {
    let tx = database.begin_conditional_write().await?;
    let events = store::security_event::trim(&tx, first_id(now - KEPT), BATCH).await?;
    let sessions = store::session::trim(&tx, SessionId(first_id(now - SESSIONS_KEPT)), BATCH).await?;
    tx.commit().await?;
    Ok(events + sessions)
}

/// Ids are made in order of time, so what is older than `instant` has a smaller id than this.
fn first_id(instant: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(instant.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
}
