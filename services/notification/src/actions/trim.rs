//! What is done now and then: mails too old to be sent are given up, and what is kept no longer is deleted.

use std::time::Duration;

use crate::error::NotificationError;
use crate::mailer::Mailer;
use crate::metrics;
use crate::model::delivery::PATIENCE;
use crate::model::idempotency;
use crate::store;

/// How long is remembered what became of a mail.
const MEMORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows deleted by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// Gives up what waits for too long and forgets what is old.
pub(crate) async fn trim(mailer: &Mailer) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_conditional_write().await?;
    let now = tx.now();
    let given_up = store::mail::give_up(&tx, now - PATIENCE, now).await?;
    store::mailbox::trim(&tx, now - MEMORY).await?;
    store::request::trim(&tx, now - idempotency::MEMORY).await?;
    tx.commit().await?;
    if given_up > 0 {
        metrics::count_failed(given_up);
        tracing::warn!(mails = given_up, "no mail server took these mails in two days; they were given up");
    }
    loop {
        let tx = mailer.context.database.begin_conditional_write().await?;
        let trimmed = store::mail::trim(&tx, now - MEMORY, BATCH).await?;
        tx.commit().await?;
        if trimmed < BATCH {
            return Ok(());
        }
    }
}
