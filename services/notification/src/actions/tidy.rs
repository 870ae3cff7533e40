//! What is done from time to time: ended claims, mails too old to be sent, and what is kept no longer.

use std::time::Duration;

use uuid::Uuid;

use crate::error::NotificationError;
use crate::mailer::{Destination, Mailer};
use crate::metrics;
use crate::model::delivery::PATIENCE;
use crate::model::idempotency;
use crate::store;

/// How long is remembered what became of a mail.
const MEMORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows deleted by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

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

/// Gives up what waits for too long and forgets what is old.
pub(crate) async fn tidy(mailer: &Mailer) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_conditional_write().await?;
    let now = tx.now();
    let given_up = store::mail::give_up(&tx, now - PATIENCE, now).await?;
    store::mailbox::trim_messages(&tx, now - MEMORY).await?;
    store::request::trim_requests(&tx, now - idempotency::MEMORY).await?;
    tx.commit().await?;
    if given_up > 0 {
        metrics::count_failed(given_up);
        tracing::warn!(mails = given_up, "no mail server took these mails in two days; they were given up");
    }
    loop {
        let tx = mailer.context.database.begin_conditional_write().await?;
        let trimmed = store::mail::trim_mails(&tx, now - MEMORY, BATCH).await?;
        tx.commit().await?;
        if trimmed < BATCH {
            return Ok(());
        }
    }
}
