//! Finds the next mail that may be tried, and makes sure that nobody else tries it.

use std::time::Duration;

use anyhow::Context as _;
use contracts::{MailClass, MailKind};
use database::WriteTransaction;
use lettre::Address;
use uuid::Uuid;

use super::conclude_mail::{Conclusion, Outcome};
use super::seal;
use crate::error::NotificationError;
use crate::model::delivery::{Phase, Progress, Setback};
use crate::model::message::{MessageHeader, address, message};
use crate::settings::RECIPIENT_WINDOW;
use crate::state::Notification;
use crate::store;
use crate::store::mail::{Claim, Fate, State};

/// How long a claim holds. Longer than any dialogue: thirty seconds for each command, sixty for the message.
const CLAIM_TTL: Duration = Duration::from_secs(3 * 60);
/// How long a mail waits that we can't write: whoever set another `SECRET_KEY` may set the right one again.
const REPAIR_DELAY: Duration = Duration::from_secs(10 * 60);

/// A mail that this process alone may try.
pub(crate) struct ClaimedMail {
    pub(crate) claim: Claim,
    pub(crate) progress: Progress,
    pub(crate) to: Address,
    /// The bytes for the wire.
    pub(crate) message: String,
}

/// Puts `claim`, which nobody has used before, on the mail that has been due for the longest time. `None` if there is none,
/// or if looking at it was all that it needed: it has another fate now, and it is worth looking for the next.
pub(crate) async fn claim_mail(
    notification: &Notification,
    claim: Uuid,
) -> Result<Option<ClaimedMail>, NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let now = tx.now();
    let Some(mail) = store::mail::find_due(&tx, now).await? else { return Ok(None) };
    let claim = Claim { mail: mail.id, claim, process: notification.process };
    if !store::mail::claim(&tx, claim, now, now + CLAIM_TTL).await? {
        return Ok(None);
    }
    let progress = progress(&mail);
    match ready(notification, &tx, &mail, &progress).await? {
        Ok((to, message)) => {
            tx.commit().await?;
            Ok(Some(ClaimedMail { claim, progress, to, message }))
        }
        Err(conclusion) => {
            conclusion.write(&tx, claim).await?;
            tx.commit().await?;
            conclusion.log(claim.mail);
            Ok(None)
        }
    }
}

/// Notes that the server is about to get the mail. False if the claim ended meanwhile: then it must not get it.
pub(crate) async fn hand_off_mail(notification: &Notification, mail: &ClaimedMail) -> Result<bool, NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let is_ours = store::mail::hand_off(&tx, mail.claim, tx.now() + CLAIM_TTL).await?;
    tx.commit().await?;
    Ok(is_ours)
}

/// Gives back a mail of which the server got nothing, should `claim` have been written.
pub(crate) async fn let_go_of_mail(notification: &Notification, claim: Uuid) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    store::mail::let_go(&tx, notification.process, claim, tx.now()).await?;
    Ok(tx.commit().await?)
}

/// The message, or the fate of a mail that needs no try or must not have one now.
async fn ready(
    notification: &Notification,
    tx: &WriteTransaction,
    mail: &store::mail::Mail,
    progress: &Progress,
) -> Result<Result<(Address, String), Conclusion>, NotificationError> {
    let now = tx.now();
    if mail.state == State::HandedOff {
        let reply = "the process that gave it to the server ended before the answer came".to_owned();
        let outcome = Outcome::Setback { phase: Phase::Message, setback: Setback::Broken, reply };
        return Ok(Err(Conclusion::after(progress, &outcome, now, tx.sources().fraction())));
    }
    if mail.is_commercial && store::suppression::is_suppressed(tx, &mail.recipient).await? {
        let fate = Fate::Ends { state: State::Suppressed, at: now };
        return Ok(Err(Conclusion::without_a_try(progress, fate, "its reader unsubscribed")));
    }
    let limit = notification.mails_per_recipient;
    // Who orders much still gets the mail that lets them in again.
    let speaks_of_order = mail.kind == MailKind::OrderUpdate.as_str();
    let reader = (&mail.recipient, speaks_of_order);
    let recent = store::mail::sent_since(tx, reader, now - RECIPIENT_WINDOW, limit.into()).await?;
    if let Some(oldest) = recent.last().filter(|_| recent.len() >= limit as usize) {
        let fate = Fate::Waits { until: *oldest + RECIPIENT_WINDOW };
        return Ok(Err(Conclusion::without_a_try(progress, fate, "its reader got too many mails in an hour")));
    }
    Ok(write_message(notification, tx, mail).map_err(|error| {
        tracing::error!(mail = %mail.id, error = format!("{error:#}"), "a mail can't be written; it waits");
        Conclusion::without_a_try(progress, Fate::Waits { until: now + REPAIR_DELAY }, "it can't be written")
    }))
}

fn progress(mail: &store::mail::Mail) -> Progress {
    Progress {
        class: if mail.is_commercial { MailClass::Commercial } else { MailClass::Transactional },
        recorded_at: mail.recorded_at,
        attempts: mail.attempts.cast_unsigned(),
        ambiguities: mail.ambiguities.cast_unsigned(),
    }
}

fn write_message(
    notification: &Notification,
    tx: &WriteTransaction,
    mail: &store::mail::Mail,
) -> anyhow::Result<(Address, String)> {
    let sealed = mail.sealed_content.as_deref().context("its content is gone")?;
    let content = seal::open(tx.vault(), sealed)?;
    let head = MessageHeader {
        from: notification.from.clone(),
        to: mail.recipient.clone(),
        message_id: mail.message_id.clone(),
        date: mail.recorded_at,
    };
    Ok((address(&mail.recipient)?, message(&head, &content)?))
}
