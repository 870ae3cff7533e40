//! Mails that wait for an instant of a clock that was ahead are due at once.

use clock::Timestamp;
use contracts::MailClass;

use crate::error::NotificationError;
use crate::model::delivery::MAX_DELAY;
use crate::model::hours::MAX_NIGHT_DELAY;
use crate::state::Notification;
use crate::store;
use crate::store::mail::Misdated;

/// Rows changed by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// After a clock was set back while this process ran: every mail that somebody waits for is tried. One try too early does no
/// harm, and a wait of hours would. Commercial mail may wait for a morning, which comes by whatever clock.
pub(crate) async fn bring_forward_all(notification: &Notification) -> Result<(), NotificationError> {
    bring_forward(notification, |now| Misdated::DueAfter(now, MailClass::Transactional)).await?;
    bring_forward(notification, of_no_morning).await
}

/// At the start of a process: every mail that waits for longer than any does, or that was recorded in the future.
pub(crate) async fn bring_forward_misdated(notification: &Notification) -> Result<(), NotificationError> {
    bring_forward(notification, |now| Misdated::DueAfter(now + MAX_DELAY, MailClass::Transactional)).await?;
    bring_forward(notification, of_no_morning).await?;
    bring_forward(notification, Misdated::RecordedAfter).await
}

fn of_no_morning(now: Timestamp) -> Misdated {
    Misdated::DueAfter(now + MAX_NIGHT_DELAY, MailClass::Commercial)
}

async fn bring_forward(
    notification: &Notification,
    misdated: impl Fn(Timestamp) -> Misdated,
) -> Result<(), NotificationError> {
    loop {
        let tx = notification.context.database.begin_read_committed().await?;
        let rows = store::mail::bring_forward(&tx, misdated(tx.now()), tx.now(), BATCH).await?;
        tx.commit().await?;
        if rows > 0 {
            tracing::warn!(mails = rows, "these mails waited for a time that a clock set back has not reached");
        }
        if rows < BATCH {
            return Ok(());
        }
    }
}
