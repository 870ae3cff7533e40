//! Forgets what was kept long enough.

use std::time::Duration;

use clock::Timestamp;
use contracts::SessionId;
use database::{Database, Result};

use super::session;
use crate::model::device::COOKIE_TTL;
use crate::store;
use crate::store::first_id;

/// Used tokens, security events and retired keys are kept for a year.
const RETENTION: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// What strangers did to addresses without an account, which nobody can read but the operator in the database. It is
/// recorded at all because a request has to do the same work for every address.
const NOBODYS_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The ledger knows a device for as long as its cookie lives after the longest session.
const SESSION_RETENTION: Duration = session::MAX_AGE.saturating_add(COOKIE_TTL);
/// How often it is worth a look.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Rows deleted in one transaction.
const BATCH: u64 = 1_000;

/// What is trimmed, each in transactions of its own: what one can't do keeps no other waiting.
#[derive(Debug, Clone, Copy)]
enum Kind {
    UsedTokens,
    Events,
    EventsOfNobody,
    Sessions,
}

pub(crate) async fn trim(database: &Database) -> Result<()> {
    let now = database.sources().now();
    let mut trimmed = Ok(());
    for kind in [Kind::EventsOfNobody, Kind::Events, Kind::Sessions, Kind::UsedTokens] {
        if let Err(error) = trim_all(database, kind, now).await {
            tracing::debug!(?kind, %error, "a part of the trim failed");
            trimmed = Err(error);
        }
    }
    trimmed.and(trim_keys(database, now).await)
}

async fn trim_keys(database: &Database, now: Timestamp) -> Result<()> {
    let tx = database.begin_read_committed().await?;
    store::signing_key::trim(&tx, now - RETENTION).await?;
    tx.commit().await
}

async fn trim_all(database: &Database, kind: Kind, now: Timestamp) -> Result<()> {
    while trim_batch(database, kind, now).await? == BATCH {}
    Ok(())
}

async fn trim_batch(database: &Database, kind: Kind, now: Timestamp) -> Result<u64> {
    let tx = database.begin_read_committed().await?;
    let trimmed = match kind {
        Kind::UsedTokens => store::used_token::trim(&tx, now - RETENTION, BATCH).await?,
        Kind::Events => store::security_event::trim(&tx, first_id(now - RETENTION), BATCH).await?,
        Kind::EventsOfNobody => {
            store::security_event::trim_of_nobody(&tx, first_id(now - NOBODYS_RETENTION), BATCH).await?
        }
        Kind::Sessions => store::session::trim(&tx, SessionId(first_id(now - SESSION_RETENTION)), BATCH).await?,
    };
    tx.commit().await?;
    Ok(trimmed)
}
