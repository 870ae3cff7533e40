//! Finds the next mail that may be tried, and makes sure that nobody else tries it.

use std::time::Duration;

use anyhow::Context as _;
use contracts::MailClass;
use database::WriteTransaction;
use lettre::Address;
use uuid::Uuid;

use super::conclude_mail::Conclusion;
use super::{REPAIR_DELAY, gates, seal};
use crate::error::NotificationError;
use crate::model::delivery::Progress;
use crate::model::mail::with_identity;
use crate::model::message::{MessageHeader, address, message};
use crate::smtp::Server;
use crate::state::Notification;
use crate::store;
use crate::store::mail::{Claim, Fate, Mail};

/// How long a claim holds. Longer than any dialogue: thirty seconds for each command, sixty for the message.
const CLAIM_TTL: Duration = Duration::from_secs(3 * 60);

/// A mail that this process alone may try.
pub(crate) struct ClaimedMail {
    pub(crate) claim: Claim,
    pub(crate) progress: Progress,
    pub(crate) mail: Mail,
    pub(crate) to: Address,
    /// The bytes for the wire.
    pub(crate) message: String,
}

/// Puts `claim`, which nobody has used before, on the mail of `class` that has been due for the longest time. `None` if there is
/// none, or if it needed no try: it has another fate now, and there may be a next one.
pub(crate) async fn claim_mail(
    notification: &Notification,
    server: &Server,
    class: MailClass,
    claim: Uuid,
) -> Result<Option<ClaimedMail>, NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let now = tx.now();
    let Some(mail) = store::mail::find_due(&tx, class, now).await? else { return Ok(None) };
    let claim = Claim { mail: mail.id, claim, process: notification.process };
    if !store::mail::claim(&tx, claim, now, now + CLAIM_TTL).await? {
        return Ok(None);
    }
    let progress = progress(&mail);
    match ready(notification, server, &tx, (&mail, &progress)).await? {
        Ok((to, message)) => {
            tx.commit().await?;
            Ok(Some(ClaimedMail { claim, progress, mail, to, message }))
        }
        Err(conclusion) => {
            conclusion.write(&tx, claim).await?;
            tx.commit().await?;
            conclusion.log(claim.mail);
            Ok(None)
        }
    }
}

/// Notes that the server is about to get the mail. False if it must not get it: its claim has ended meanwhile, or something keeps it back
/// by now, which is written then.
pub(crate) async fn hand_off_mail(notification: &Notification, mail: &ClaimedMail) -> Result<bool, NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let is_ours = store::mail::hand_off(&tx, mail.claim, tx.now() + CLAIM_TTL).await?;
    if !is_ours {
        return Ok(false);
    }
    let kept = gates::check_again(notification, &tx, (&mail.mail, &mail.progress)).await?;
    if let Some(conclusion) = &kept {
        conclusion.write(&tx, mail.claim).await?;
    }
    tx.commit().await?;
    if let Some(conclusion) = &kept {
        conclusion.log(mail.claim.mail);
    }
    Ok(kept.is_none())
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
    server: &Server,
    tx: &WriteTransaction,
    (mail, progress): (&Mail, &Progress),
) -> Result<Result<(Address, String), Conclusion>, NotificationError> {
    if let Some(conclusion) = gates::check(notification, server, tx, (mail, progress)).await? {
        return Ok(Err(conclusion));
    }
    Ok(write_message(notification, tx, mail).map_err(|error| {
        tracing::error!(mail = %mail.id, error = format!("{error:#}"), "a mail can't be written; it waits");
        let until = tx.now() + REPAIR_DELAY;
        Conclusion::without_a_try(progress, Fate::Waits { until }, "it can't be written")
    }))
}

fn progress(mail: &Mail) -> Progress {
    Progress {
        class: mail.class(),
        recorded_at: mail.recorded_at,
        attempts: mail.attempts.cast_unsigned(),
        ambiguities: mail.ambiguities.cast_unsigned(),
    }
}

fn write_message(notification: &Notification, tx: &WriteTransaction, mail: &Mail) -> anyhow::Result<(Address, String)> {
    let sealed = mail.sealed_content.as_deref().context("its content is gone")?;
    let mut content = seal::open(tx.vault(), sealed)?;
    if let Some(identity) = notification.identity.as_ref().filter(|_| mail.is_commercial) {
        content = with_identity(content, identity, mail.locale)?;
    }
    let head = MessageHeader {
        from: notification.from.clone(),
        to: mail.recipient.clone(),
        message_id: mail.message_id.clone(),
        date: mail.recorded_at,
    };
    Ok((address(&mail.recipient)?, message(&head, &content, notification.dkim.as_ref())?))
}
