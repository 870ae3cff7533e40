//! An event becomes a mail: rendered and written at once, sent later.

use bus::HearError;
use contracts::{EmailEvent, MailClass};
use database::WriteTransaction;
use uuid::Uuid;

use super::mailbox::put_into_mailbox;
use super::{campaign_states, gates, seal};
use crate::model::message::message_id;
use crate::model::{hours, mail, mail_message};
use crate::state::{Destination, Notification};
use crate::store;
use crate::store::mail::State;

/// Writes the mail that `wanted` asks for with the transaction in which the event `event_id` is heard; the commit wakes a sender.
/// With a built-in mailbox it arrives by the same commit.
pub(crate) async fn record_mail(
    notification: &Notification,
    tx: &WriteTransaction,
    event_id: Uuid,
    wanted: &EmailEvent,
) -> Result<(), HearError> {
    let EmailEvent { to, locale, message } = wanted;
    // A dead letter's reason never repeats a variable, and neither does this one.
    mail_message::check(message).map_err(|invalid| HearError::Refused(invalid.to_string()))?;
    let is_commercial = message.class() == MailClass::Commercial;
    let offer = message.offer().cloned().unwrap_or_default();
    let unsubscribe = is_commercial.then(|| notification.links.unsubscribe(&notification.unsubscribe_key.mint(to)));
    let content = mail::render(message, *locale, &notification.links, unsubscribe).map_err(anyhow::Error::from)?;

    let mut row = store::mail::Mail {
        id: tx.sources().uuid(),
        event_id,
        kind: message.kind().to_owned(),
        is_commercial,
        recipient: to.clone(),
        locale: *locale,
        subject: content.subject.clone(),
        message_id: message_id(event_id, &notification.from),
        sealed_content: None,
        recorded_at: tx.now(),
        state: State::Pending,
        attempts: 0,
        ambiguities: 0,
        next_at: None,
        claim: None,
        claimed_by: None,
        last_reply: None,
        finished_at: None,
        campaign_id: offer.campaign_id,
        consent_at: offer.consent_at,
        ends_at: offer.ends_at,
        domain: Some(to.domain().to_owned()),
        refusal: None,
        counted_at: None,
    };
    match notification.destination {
        Destination::Server(_) => {
            let now = tx.now();
            let first = if is_commercial { hours::in_hours(now, tx.sources().fraction()) } else { now };
            row.next_at = Some(first);
            row.sealed_content = Some(seal::seal(tx.vault(), &content)?);
            store::mail::insert(tx, row).await?;
        }
        Destination::Mailbox => {
            let end = if is_commercial {
                gates::end_of(tx, &row, campaign_states::find(tx, &row).await?).await?
            } else {
                None
            };
            row.state = end.map_or(State::Sent, |(state, _)| state);
            row.finished_at = Some(tx.now());
            let is_new = store::mail::insert(tx, row.clone()).await?;
            if is_new && end.is_none() {
                let content = match &notification.identity {
                    Some(identity) if is_commercial => {
                        mail::with_identity(content, identity, *locale).map_err(anyhow::Error::from)?
                    }
                    Some(_) | None => content,
                };
                put_into_mailbox(tx, &row, &content).await?;
            }
        }
    }
    Ok(())
}
