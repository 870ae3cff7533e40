//! Who wants no commercial mail gets none.

use contracts::EmailAddress;

use crate::error::NotificationError;
use crate::mailer::Mailer;
use crate::store;

/// Whose link `token` is. Changes nothing: mail scanners open every link.
pub(crate) fn find_subscriber(mailer: &Mailer, token: &str) -> Result<EmailAddress, NotificationError> {
    mailer.unsubscribe_key.open(token).ok_or(NotificationError::InvalidToken)
}

/// Ends commercial mail to the mailbox that `token` was made for.
pub(crate) async fn unsubscribe(mailer: &Mailer, token: &str) -> Result<EmailAddress, NotificationError> {
    let recipient = find_subscriber(mailer, token)?;
    let tx = mailer.context.database.begin_read_committed().await?;
    store::suppression::insert(&tx, &recipient, tx.now()).await?;
    tx.commit().await?;
    Ok(recipient)
}
