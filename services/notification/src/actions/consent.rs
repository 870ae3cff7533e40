//! Who wants no commercial mail gets none, until they agree anew.

use std::time::Duration;

use bus::outbox;
use clock::Timestamp;
use contracts::{ConsentChanged, ConsentSource, EmailAddress};
use database::WriteTransaction;

use crate::error::NotificationError;
use crate::model::consent::Consent;
use crate::state::Notification;
use crate::store;

/// The finest that times are kept with.
const LEAST_DELAY: Duration = Duration::from_micros(1);
/// Within this a withdrawal is the same as the one before and is not published again: mail programs send theirs twice, and whoever has
/// a link may follow it for ever.
const REPEAT_WINDOW: Duration = Duration::from_secs(60);

/// Whose link `token` is. Changes nothing: mail scanners open every link.
pub(crate) fn find_subscriber(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    notification.unsubscribe_key.open(token).ok_or(NotificationError::InvalidToken)
}

/// Ends commercial mail to the mailbox that `token` was made for, and publishes that it wants none. That it wanted none before is no
/// reason to do nothing: it may have agreed since, and that may not have been heard here yet.
pub(crate) async fn unsubscribe(notification: &Notification, token: &str) -> Result<EmailAddress, NotificationError> {
    let recipient = find_subscriber(notification, token)?;
    let tx = notification.context.database.begin_locked(&format!("notification consent {recipient}")).await?;
    let before = store::consent::find(&tx, &recipient).await?;
    // Whoever has heard them agree by a clock that is ahead hears them withdraw all the same.
    let at = before.map_or(tx.now(), |before| tx.now().max(before.said_at + LEAST_DELAY));
    apply(&tx, &recipient, Consent { is_granted: false, said_at: at }).await?;
    if !before.is_some_and(|before| !before.is_granted && tx.now() < before.said_at + REPEAT_WINDOW) {
        publish_withdrawal(&tx, &recipient, at).await?;
    }
    tx.commit().await?;
    Ok(recipient)
}

/// Takes over what a mailbox said elsewhere, unless it has said something later. If that was a withdrawal, whoever published that it
/// agrees may not have heard of it: it is published once more.
pub(crate) async fn follow_consent(tx: &WriteTransaction, changed: &ConsentChanged) -> database::Result<()> {
    let said = Consent { is_granted: changed.granted, said_at: changed.at };
    if apply(tx, &changed.email, said).await? || !changed.granted {
        return Ok(());
    }
    match store::consent::find(tx, &changed.email).await? {
        Some(Consent { is_granted: false, said_at }) => publish_withdrawal(tx, &changed.email, said_at).await,
        Some(Consent { is_granted: true, .. }) | None => Ok(()),
    }
}

async fn publish_withdrawal(tx: &WriteTransaction, recipient: &EmailAddress, at: Timestamp) -> database::Result<()> {
    let withdrawn = ConsentChanged {
        email: recipient.clone(),
        user_id: None,
        granted: false,
        at,
        source: ConsentSource::Link,
        text_version: None,
    };
    outbox::record(tx, &withdrawn).await
}

/// False if the mailbox has said something later.
async fn apply(tx: &WriteTransaction, recipient: &EmailAddress, said: Consent) -> database::Result<bool> {
    if !store::consent::put(tx, recipient, said).await? {
        return Ok(false);
    }
    if said.is_granted {
        store::suppression::lift(tx, recipient, said.said_at).await?;
    } else {
        store::suppression::unsubscribe(tx, recipient, said.said_at).await?;
    }
    Ok(true)
}
