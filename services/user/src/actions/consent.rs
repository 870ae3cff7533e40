//! Answers about commercial mail that were given by a link in a mail, and how each answer is kept and published.

use bus::{HearError, Heard, outbox};
use clock::Timestamp;
use contracts::{ConsentChanged, ConsentSource, EmailAddress, UserId};
use database::WriteTransaction;
use uuid::Uuid;

use crate::model::{
    AudienceChange, CommercialMail, ConsentChannel, ConsentOrigin, ConsentRequest, ConsentStatus, RegistryState,
    TextVersion,
};
use crate::store;
use crate::store::consent::ConsentEntry;

/// Users with one address; more than one where an account was made anew.
const MOST_OWNERS: u64 = 10;

/// Lets an answer that somebody gave by a link apply to whoever owns the mailbox, unless they have answered later, and keeps it where
/// it is another than the one before: who has a link may follow it for ever. The transaction is the event's. What was said in
/// preferences is known already: it was published here.
pub(crate) async fn keep_consent(tx: &WriteTransaction, heard: &Heard<ConsentChanged>) -> Result<(), HearError> {
    let ConsentChanged { email, user_id, granted, at, source, text_version } = &heard.event;
    match source {
        ConsentSource::Preferences => return Ok(()),
        ConsentSource::Link => {}
    }
    let text_version: Option<TextVersion> = text_version.as_deref().and_then(|version| version.parse().ok());
    let owners = store::account::list_by_email(tx, email, MOST_OWNERS).await?;
    let answer = Answer {
        user_id: user_id.or(owners.first().map(|owner| owner.id)),
        address: Some(email.clone()),
        granted: *granted,
        at: *at,
        text_version: text_version.clone(),
    };
    let before = store::consent::find_status(tx, answer.user_id, answer.address.as_ref(), *at).await?;
    let mut is_another = before != Some(ConsentStatus::of(*granted));
    for owner in owners {
        let before = store::preferences::claim(tx, owner.id).await?.commercial_mail;
        let was_granted = before.is_granted();
        if let Some(after) = before.heard(*granted, *at, text_version.clone()) {
            if after.is_granted() != was_granted {
                is_another = true;
                mark_changed(tx, owner.id).await?;
            }
            store::preferences::save_commercial_mail(tx, owner.id, after).await?;
        }
    }
    if is_another {
        append(tx, heard.id, answer, ConsentOrigin::Mail, ConsentRequest::default()).await?;
    }
    Ok(())
}

/// Keeps what a user has answered in preferences, and publishes it where their mailbox is known.
pub(super) async fn record_answer(
    tx: &WriteTransaction,
    user_id: UserId,
    mail: &CommercialMail,
    request: ConsentRequest,
) -> database::Result<()> {
    let Some(at) = mail.at() else { return Ok(()) };
    let address = store::account::find(tx, user_id).await?.and_then(|account| account.email);
    let answer = Answer {
        user_id: Some(user_id),
        address: address.clone(),
        granted: mail.is_granted(),
        at,
        text_version: mail.text_version().cloned(),
    };
    append(tx, tx.sources().uuid(), answer, ConsentOrigin::Web, request).await?;
    match address {
        Some(address) => publish(tx, user_id, address, mail).await,
        None => Ok(()),
    }
}

/// Publishes what applies to a user whose mailbox is known, if they have answered.
pub(super) async fn publish(
    tx: &WriteTransaction,
    user_id: UserId,
    email: EmailAddress,
    mail: &CommercialMail,
) -> database::Result<()> {
    let Some(at) = mail.at() else { return Ok(()) };
    let event = ConsentChanged {
        email,
        user_id: Some(user_id),
        granted: mail.is_granted(),
        at,
        source: ConsentSource::Preferences,
        text_version: mail.text_version().map(|version| version.as_str().to_owned()),
    };
    outbox::record(tx, &event).await
}

/// What somebody has said.
struct Answer {
    user_id: Option<UserId>,
    address: Option<EmailAddress>,
    granted: bool,
    at: Timestamp,
    text_version: Option<TextVersion>,
}

async fn append(
    tx: &WriteTransaction,
    id: Uuid,
    answer: Answer,
    source: ConsentOrigin,
    request: ConsentRequest,
) -> database::Result<()> {
    let Answer { user_id, address, granted, at, text_version } = answer;
    let status = ConsentStatus::of(granted);
    let has_agreed = store::consent::has_agreed(tx, user_id, address.as_ref()).await?;
    let ConsentRequest { prefix, agent } = request;
    let entry = ConsentEntry {
        id,
        user_id,
        address,
        channel: ConsentChannel::Eposta,
        status,
        at,
        source,
        text_version,
        prefix,
        agent,
        iys_state: RegistryState::of_new(status, has_agreed),
        iys_ref: None,
    };
    store::consent::insert(tx, entry).await
}

/// Marks that somebody agrees who did not, or agrees no more.
pub(super) async fn mark_changed(tx: &WriteTransaction, user_id: UserId) -> database::Result<()> {
    store::audience_mark::insert(tx, [(AudienceChange::Consent, user_id.to_string())]).await
}
