//! Who wants no commercial mail gets none.

use contracts::EmailAddress;

use crate::error::NotificationError;
use crate::state::Notification;
use crate::store;

/// Whose link `token` is. Changes nothing: mail scanners open every link.
pub(crate) fn find_subscriber(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    notification.unsubscribe_key.open(token).ok_or(NotificationError::InvalidToken)
}

/// Ends commercial mail to the mailbox that `token` was made for.
pub(crate) async fn unsubscribe(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    let recipient = find_subscriber(notification, token)?;
    let tx = notification.context.database.begin_read_committed().await?;
    store::suppression::insert(&tx, &recipient, tx.now()).await?;
    tx.commit().await?;
    Ok(recipient)
}
