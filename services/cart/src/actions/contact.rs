//! A mailbox was proven: mails about carts can go there.

use bus::HearError;
use contracts::UserCreated;
use database::WriteTransaction;

use crate::store;
use crate::store::contact::Contact;

/// Keeps where the user gets mail; the transaction is the event's.
pub(crate) async fn keep_contact(tx: &WriteTransaction, event: &UserCreated) -> Result<(), HearError> {
    let contact =
        Contact { user_id: event.user_id, email: event.email.clone(), locale: event.locale.unwrap_or_default() };
    Ok(store::contact::insert(tx, contact).await?)
}
