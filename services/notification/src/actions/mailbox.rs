//! The built-in mailbox: what lies in it, and how it gets there.

use bus::HearError;
use clock::Timestamp;
use contracts::{EmailAddress, Locale};
use database::{Vault, WriteTransaction};
use uuid::Uuid;

use super::seal;
use crate::error::NotificationError;
use crate::model::mail::Content;
use crate::state::Notification;
use crate::store;
use crate::store::mail::Mail;
use crate::store::mailbox::StoredMail;

/// A message in the mailbox, opened.
pub(crate) struct StoredMessage {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) to: EmailAddress,
    pub(crate) locale: Locale,
    pub(crate) message_id: String,
    pub(crate) received_at: Timestamp,
    pub(crate) content: Content,
}

/// How many messages a list shows.
const NEWEST: u64 = 500;

/// The newest messages, to `recipient` or to all, newest first.
pub(crate) async fn list_messages(
    notification: &Notification,
    recipient: Option<&EmailAddress>,
) -> Result<Vec<StoredMessage>, NotificationError> {
    let database = &notification.context.database;
    let rows = store::mailbox::list(database, recipient, NEWEST).await?;
    rows.into_iter().map(|row| opened(database.vault(), row)).collect()
}

/// One message.
pub(crate) async fn read_message(notification: &Notification, id: Uuid) -> Result<StoredMessage, NotificationError> {
    let database = &notification.context.database;
    let row = store::mailbox::find(database, id).await?.ok_or(NotificationError::MessageNotFound)?;
    opened(database.vault(), row)
}

/// Puts a mail that no event asked for into the mailbox.
pub(crate) async fn deliver_to_mailbox(
    notification: &Notification,
    row: StoredMail,
    content: &Content,
) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_write().await?;
    let sealed_content = seal::seal(tx.vault(), content)?;
    store::mailbox::insert(&tx, StoredMail { sealed_content, ..row }).await?;
    Ok(tx.commit().await?)
}

fn opened(vault: &Vault, row: StoredMail) -> Result<StoredMessage, NotificationError> {
    let content = seal::open(vault, &row.sealed_content)?;
    let StoredMail { id, kind, recipient: to, locale, message_id, received_at, .. } = row;
    Ok(StoredMessage { id, kind, to, locale, message_id, received_at, content })
}

pub(super) async fn put_into_mailbox(tx: &WriteTransaction, mail: &Mail, content: &Content) -> Result<(), HearError> {
    let message = StoredMail {
        id: mail.id,
        kind: mail.kind.clone(),
        recipient: mail.recipient.clone(),
        locale: mail.locale,
        message_id: mail.message_id.clone(),
        sealed_content: seal::seal(tx.vault(), content)?,
        received_at: tx.now(),
    };
    Ok(store::mailbox::insert(tx, message).await?)
}
