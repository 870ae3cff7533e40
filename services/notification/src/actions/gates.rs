//! What keeps a mail that is due from being tried now.

use contracts::{MailClass, MailKind, MailingState};
use database::WriteTransaction;
use kit::commercial_hours;

use super::campaign_states;
use super::conclude_mail::{Conclusion, Outcome};
use crate::error::NotificationError;
use crate::model::delivery::{Phase, Progress, Setback};
use crate::model::hours;
use crate::settings::RECIPIENT_WINDOW;
use crate::smtp::Server;
use crate::state::Notification;
use crate::store;
use crate::store::campaign_state::CampaignState;
use crate::store::mail::{Fate, Mail, State};

/// Mails of campaigns to one person on one day.
const MOST_A_DAY: u64 = 2;
/// Mails that are read where the first one has to wait for its domain.
const BATCH: u64 = 100;

/// What keeps `mail` back, in the transaction of its claim: what a reader has said by then counts.
pub(super) async fn check(
    notification: &Notification,
    server: &Server,
    tx: &WriteTransaction,
    (mail, progress): (&Mail, &Progress),
) -> Result<Option<Conclusion>, NotificationError> {
    if mail.state == State::HandedOff {
        let reply = "the process that gave it to the server ended before the answer came".to_owned();
        let outcome = Outcome::Setback { phase: Phase::Message, setback: Setback::Broken, code: None, reply };
        return Ok(Some(Conclusion::after(progress, &outcome, tx.now(), tx.sources().fraction())));
    }
    let mut kept = check_class(notification, tx, mail).await?;
    if kept.is_none() {
        kept = check_reader(notification, tx, mail).await?;
    }
    if kept.is_none() {
        kept = check_domain(server, tx, mail).await?;
    }
    Ok(kept.map(|(fate, reason)| Conclusion::without_a_try(progress, fate, reason)))
}

/// What keeps `mail` back that a server is about to get: it may have waited for its turn since its claim.
pub(super) async fn check_again(
    notification: &Notification,
    tx: &WriteTransaction,
    (mail, progress): (&Mail, &Progress),
) -> Result<Option<Conclusion>, NotificationError> {
    let kept = check_class(notification, tx, mail).await?;
    Ok(kept.map(|(fate, reason)| Conclusion::without_a_try(progress, fate, reason)))
}

type Kept = Option<(Fate, &'static str)>;

async fn check_class(
    notification: &Notification,
    tx: &WriteTransaction,
    mail: &Mail,
) -> Result<Kept, NotificationError> {
    match mail.class() {
        MailClass::Commercial => check_commercial(notification, tx, mail).await,
        MailClass::Transactional => Ok(None),
    }
}

async fn check_commercial(
    notification: &Notification,
    tx: &WriteTransaction,
    mail: &Mail,
) -> Result<Kept, NotificationError> {
    let now = tx.now();
    let campaign = campaign_states::find(tx, mail).await?;
    if let Some((state, reason)) = end_of(tx, mail, campaign).await? {
        return Ok(Some((Fate::Ends { state, at: now }, reason)));
    }
    if let Some(campaign) = campaign.filter(|campaign| campaign.state == MailingState::Paused)
        && let Some(until) = campaign_states::hold(tx, campaign.campaign_id).await?
    {
        return Ok(Some((Fate::Waits { until }, "its campaign stands")));
    }
    if notification.identity.is_none() {
        let until = now + super::REPAIR_DELAY;
        return Ok(Some((Fate::Waits { until }, "the settings do not say who sends commercial mail")));
    }
    let until = hours::in_hours(now, tx.sources().fraction());
    if until > now {
        return Ok(Some((Fate::Waits { until }, "commercial mail leaves between 9 and 21 o'clock")));
    }
    check_day(tx, mail).await
}

/// What was recorded on one day may leave on the next, together with the mails of that.
async fn check_day(tx: &WriteTransaction, mail: &Mail) -> Result<Kept, NotificationError> {
    if mail.campaign_id.is_none() {
        return Ok(None);
    }
    let (now, reader) = (tx.now(), (mail.id, &mail.recipient));
    let day_start = commercial_hours::day_start(now);
    let today = store::mail::count_of_campaigns(tx, reader, day_start, MOST_A_DAY).await?;
    let until = hours::next_morning(now, tx.sources().fraction());
    Ok((today >= MOST_A_DAY).then_some((Fate::Waits { until }, "its reader got enough mails of campaigns today")))
}

/// The end of a commercial mail that nobody may get any more, and why; `campaign` is what was heard of its campaign.
pub(super) async fn end_of(
    tx: &WriteTransaction,
    mail: &Mail,
    campaign: Option<CampaignState>,
) -> database::Result<Option<(State, &'static str)>> {
    if mail.ends_at.is_some_and(|end| end <= tx.now()) {
        return Ok(Some((State::Dropped, "what it speaks of is over")));
    }
    if campaign.is_some_and(|campaign| campaign.is_over(tx.now())) {
        return Ok(Some((State::Dropped, "its campaign was ended")));
    }
    let suppression = store::suppression::find(tx, &mail.recipient).await?;
    let is_suppressed = suppression.is_some_and(|suppression| suppression.keeps_back(mail.consent_at));
    Ok(is_suppressed.then_some((State::Suppressed, "its reader wants none, or has no mailbox")))
}

async fn check_reader(
    notification: &Notification,
    tx: &WriteTransaction,
    mail: &Mail,
) -> Result<Kept, NotificationError> {
    let limit = notification.mails_per_recipient;
    // Who orders much still gets the mail that lets them in again.
    let speaks_of_order = mail.kind == MailKind::OrderUpdate.as_str();
    let reader = (&mail.recipient, speaks_of_order);
    let recent = store::mail::sent_since(tx, reader, tx.now() - RECIPIENT_WINDOW, limit.into()).await?;
    let oldest = recent.last().filter(|_| recent.len() >= limit as usize);
    Ok(oldest
        .map(|oldest| (Fate::Waits { until: *oldest + RECIPIENT_WINDOW }, "its reader got too many mails in an hour")))
}

/// Where its domain has no room now, those of the next mails that go to it, too, get their places as well: one by one they would have
/// to be claimed for that, before the mails to all other domains.
async fn check_domain(server: &Server, tx: &WriteTransaction, mail: &Mail) -> Result<Kept, NotificationError> {
    let (domain, class, now) = (mail.recipient_domain(), mail.class(), tx.now());
    if server.domains.admit(domain, class, now) {
        return Ok(None);
    }
    let next = store::mail::list_due(tx, class, now, BATCH).await?;
    let others: Vec<_> = next.into_iter().filter(|(_, of)| of.as_deref() == Some(domain)).map(|(id, _)| id).collect();
    let places = server.domains.places(domain, class, now, others.len() + 1);
    let mut places = places.into_iter();
    let until = places.next().unwrap_or(now);
    store::mail::postpone(tx, &others.into_iter().zip(places).collect::<Vec<_>>()).await?;
    Ok(Some((Fate::Waits { until }, "its domain gets no more mails for the moment")))
}
