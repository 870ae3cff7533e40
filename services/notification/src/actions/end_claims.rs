//! Mails that an earlier process left behind are due again.

use uuid::Uuid;

use crate::error::NotificationError;
use crate::mailer::{Destination, Mailer};
use crate::metrics;
use crate::store;

/// Ends the claims of processes that are gone, and waits that a clock caused which is set right by now: once in the life of
/// this process, before it claims anything itself.
///
/// SQLite's file belongs to one process at a time, so there every claim is a dead process's. On Postgres another replica
/// may hold one: [`crate::sender`] watches over those.
pub(crate) async fn recover(mailer: &Mailer) -> Result<(), NotificationError> {
    mailer.recovered.get_or_try_init(|| end_claims(mailer)).await?;
    Ok(())
}

async fn end_claims(mailer: &Mailer) -> Result<(), NotificationError> {
    if store::belongs_to_one_process(&mailer.context.database) {
        let tx = mailer.context.database.begin_read_committed().await?;
        let ended = store::mail::end_claims(&tx, tx.now()).await?;
        tx.commit().await?;
        if ended > 0 {
            tracing::info!(mails = ended, "mails were under way when the last process ended");
        }
    }
    super::bring_forward_misdated(mailer).await?;
    // Best before the first mail of this process, but no reason to keep it.
    if let Err(error) = take_stock(mailer).await {
        tracing::warn!(%error, "the mails that earlier processes left can't be counted yet");
    }
    Ok(())
}

/// Counts what earlier processes left, once in the life of this one.
pub(crate) async fn take_stock(mailer: &Mailer) -> Result<(), NotificationError> {
    mailer.stock_taken.get_or_try_init(|| count(mailer)).await?;
    Ok(())
}

async fn count(mailer: &Mailer) -> Result<(), NotificationError> {
    let database = &mailer.context.database;
    metrics::remember_ambiguous(store::mail::count_ambiguities(database).await?);
    if matches!(mailer.destination, Destination::Mailbox) {
        let waiting = store::mail::count_waiting(database, metrics::MOST_PENDING).await?;
        if waiting > 0 {
            tracing::warn!(mails = waiting, "mails of earlier days wait for a mail server, but none is set");
        }
    }
    Ok(())
}

/// Frees what `process` had claimed, which is gone: what the server may have is in doubt now, the rest is due.
pub(crate) async fn end_claims_of(mailer: &Mailer, process: Uuid) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_read_committed().await?;
    let ended = store::mail::end_claims_of(&tx, process, tx.now()).await?;
    tx.commit().await?;
    tracing::info!(mails = ended, %process, "mails were under way when a process ended");
    Ok(())
}
