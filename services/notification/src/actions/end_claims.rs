//! Mails that an earlier process left behind are due again.

use uuid::Uuid;

use crate::error::NotificationError;
use crate::metrics;
use crate::state::{Destination, Notification};
use crate::store;

/// Ends the claims of processes that are gone, and waits that a clock caused which is set right by now: once in the life of
/// this process, before it claims anything itself.
///
/// SQLite's file belongs to one process at a time, so there every claim is a dead process's. On Postgres another replica
/// may hold one: [`crate::sender`] watches over those.
pub(crate) async fn recover(notification: &Notification) -> Result<(), NotificationError> {
    notification.recovered.get_or_try_init(|| end_claims(notification)).await?;
    Ok(())
}

async fn end_claims(notification: &Notification) -> Result<(), NotificationError> {
    if store::belongs_to_one_process(&notification.context.database) {
        let tx = notification.context.database.begin_read_committed().await?;
        let ended = store::mail::end_claims(&tx, tx.now()).await?;
        tx.commit().await?;
        if ended > 0 {
            tracing::info!(mails = ended, "mails were under way when the last process ended");
        }
    }
    super::bring_forward_misdated(notification).await?;
    // Best before the first mail of this process, but no reason to keep it.
    if let Err(error) = take_stock(notification).await {
        tracing::warn!(%error, "the mails that earlier processes left can't be counted yet");
    }
    Ok(())
}

/// Counts what earlier processes left, once in the life of this one.
pub(crate) async fn take_stock(notification: &Notification) -> Result<(), NotificationError> {
    notification.stock_taken.get_or_try_init(|| count(notification)).await?;
    Ok(())
}

async fn count(notification: &Notification) -> Result<(), NotificationError> {
    let database = &notification.context.database;
    metrics::remember_ambiguous(store::mail::count_ambiguities(database).await?);
    if matches!(notification.destination, Destination::Mailbox) {
        let waiting = store::mail::count_waiting(database, metrics::MOST_PENDING).await?;
        if waiting > 0 {
            tracing::warn!(mails = waiting, "mails of earlier days wait for a mail server, but none is set");
        }
    }
    Ok(())
}

/// Frees what `process` had claimed, which is gone: what the server may have is in doubt now, the rest is due.
pub(crate) async fn end_claims_of(notification: &Notification, process: Uuid) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let ended = store::mail::end_claims_of(&tx, process, tx.now()).await?;
    tx.commit().await?;
    if ended > 0 {
        tracing::info!(mails = ended, %process, "mails were under way when a process ended");
    }
    Ok(())
}
