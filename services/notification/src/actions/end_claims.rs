//! Mails that a process had claimed which is gone are due again.

use uuid::Uuid;

use crate::error::NotificationError;
use crate::mailer::{Destination, Mailer};
use crate::metrics;
use crate::store;

/// Ends the claims of processes that are gone: once in the life of this one, before it claims anything itself.
///
/// SQLite's file belongs to one process at a time, so there every claim is a dead process's. On Postgres another replica
/// may hold one: [`crate::sender`] watches over those.
pub(crate) async fn recover(mailer: &Mailer) -> Result<(), NotificationError> {
    mailer.recovered.get_or_try_init(|| end_claims(mailer)).await?;
    Ok(())
}

async fn end_claims(mailer: &Mailer) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_conditional_write().await?;
    if store::belongs_to_one_process(&tx) {
        let ended = store::mail::end_claims(&tx, tx.now()).await?;
        if ended > 0 {
            tracing::info!(mails = ended, "mails were under way when the last process ended");
        }
    }
    let waiting = store::mail::count_waiting(&tx).await?;
    if waiting > 0 && matches!(mailer.destination, Destination::Mailbox) {
        tracing::warn!(mails = waiting, "mails of earlier days wait for a mail server, but none is set");
    }
    metrics::remember_ambiguous(store::mail::count_ambiguities(&tx).await?);
    Ok(tx.commit().await?)
}

/// Frees what `process` had claimed, which is gone: what the server may have is in doubt now, the rest is due.
pub(crate) async fn end_claims_of(mailer: &Mailer, process: Uuid) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_conditional_write().await?;
    let ended = store::mail::end_claims_of(&tx, process, tx.now()).await?;
    tx.commit().await?;
    tracing::info!(mails = ended, %process, "mails were under way when a process ended");
    Ok(())
}
