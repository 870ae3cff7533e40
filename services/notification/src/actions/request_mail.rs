//! An admin asks for a mail by hand: it takes the same way as everybody's.

use bus::outbox;
use contracts::EmailEvent;
use kit::idempotency::{self, Answer, Begun, Request};

use crate::error::NotificationError;
use crate::state::Notification;

/// Records the event that asks for the mail, once for each `request`; answers what was answered first.
pub(crate) async fn request_mail(
    notification: &Notification,
    request: Option<Request>,
    event: &EmailEvent,
    answer: Answer,
) -> Result<Answer, NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let tx = match idempotency::begin(tx, request).await? {
        Begun::Fresh(tx) => tx,
        Begun::Answered(before) => return Ok(before),
        Begun::Reused => return Err(NotificationError::KeyReused),
    };
    outbox::record(&tx, event).await?;
    Ok(tx.commit(answer).await?)
}
