//! Who wants no commercial mail gets none, until they agree anew.

use std::time::Duration;

use bus::outbox;
use contracts::{ConsentChanged, ConsentSource, EmailAddress};
use database::WriteTransaction;

use crate::error::NotificationError;
use crate::model::consent::Consent;
use crate::state::Notification;
use crate::store;

/// The finest that times are kept with.
const LEAST_DELAY: Duration = Duration::from_micros(1);
/// Within this a withdrawal is the same as the one before: mail programs send theirs twice.
const REPEAT_WINDOW: Duration = Duration::from_secs(1);

/// Whose link `token` is. Changes nothing: mail scanners open every link.
pub(crate) fn find_subscriber(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    notification.unsubscribe_key.open(token).ok_or(NotificationError::InvalidToken)
}

/// Ends commercial mail to the mailbox that `token` was made for, and publishes that it wants none. That it wanted none before is no
/// reason to do nothing: it may have agreed since, and that may not have been heard here yet.
pub(crate) async fn unsubscribe(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    let recipient = find_subscriber(notification, token)?;
    let tx = notification.context.database.begin_locked(&format!("notification consent {recipient}")).await?;
    let unsubscribed_at = store::suppression::find(&tx, &recipient).await?.and_then(|known| known.unsubscribed_at);
    if unsubscribed_at.is_some_and(|before| tx.now() < before + REPEAT_WINDOW) {
        return Ok(recipient);
    }
    // Whoever has heard them agree by a clock that is ahead hears them withdraw all the same.
    let agreed = store::consent::find(&tx, &recipient).await?.map(|consent| consent.said_at + LEAST_DELAY);
    let at = agreed.map_or(tx.now(), |agreed| agreed.max(tx.now()));
    apply(&tx, &recipient, Consent { is_granted: false, said_at: at }).await?;
    let changed = ConsentChanged {
        email: recipient.clone(),
        user_id: None,
        granted: false,
        at,
        source: ConsentSource::Link,
        text_version: None,
    };
    outbox::record(&tx, &changed).await?;
    tx.commit().await?;
    Ok(recipient)
}

/// Takes over what a mailbox said elsewhere, unless it has said something later.
pub(crate) async fn follow_consent(tx: &WriteTransaction, changed: &ConsentChanged) -> database::Result<()> {
    apply(tx, &changed.email, Consent { is_granted: changed.granted, said_at: changed.at }).await
}

async fn apply(tx: &WriteTransaction, recipient: &EmailAddress, said: Consent) -> database::Result<()> {
    if !store::consent::put(tx, recipient, said).await? {
        return Ok(());
    }
    if said.is_granted {
        store::suppression::lift(tx, recipient, said.said_at).await
    } else {
        store::suppression::unsubscribe(tx, recipient, said.said_at).await
    }
}
