//! An admin asks for a mail by hand: it takes the same way as everybody's.

use bus::outbox;
use contracts::{EmailEvent, UserId};
use database::WriteTransaction;
use kit::IdempotencyKey;

use crate::error::NotificationError;
use crate::mailer::Mailer;
use crate::model::idempotency;
use crate::store;
use crate::store::request::Request;

/// Records the event that asks for the mail, once under each of the admin's keys.
pub(crate) async fn request_mail(
    mailer: &Mailer,
    admin: UserId,
    key: Option<IdempotencyKey>,
    event: &EmailEvent,
) -> Result<(), NotificationError> {
    let tx = mailer.context.database.begin_read_committed().await?;
    let is_new = match key {
        None => true,
        Some(key) => {
            let fingerprint = mailer.fingerprint_key.of(event);
            remember(&tx, Request { user_id: admin, key: key.as_str().to_owned(), fingerprint, asked_at: tx.now() })
                .await?
        }
    };
    if is_new {
        outbox::record(&tx, event).await?;
    }
    Ok(tx.commit().await?)
}

/// False if this very request was answered before.
async fn remember(tx: &WriteTransaction, request: Request) -> Result<bool, NotificationError> {
    store::request::forget(tx, request.user_id, &request.key, tx.now() - idempotency::RETENTION).await?;
    if store::request::insert(tx, request.clone()).await? {
        return Ok(true);
    }
    match store::request::find(tx, request.user_id, &request.key).await? {
        Some(before) if before.fingerprint != request.fingerprint => Err(NotificationError::KeyReused),
        Some(_) | None => Ok(false),
    }
}
