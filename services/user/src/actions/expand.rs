//! From a campaign to a mail for each follower who agreed: some at a time, each chunk with the cursor behind it in one transaction, so
//! that whatever dies, nobody is left out or mailed twice. All processes take turns, so that limits and pace are those of the platform.

use std::collections::HashMap;
use std::time::Duration;

use bus::outbox;
use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{CampaignId, EmailEvent, Locale, MailMessage, Offer, UserId};
use database::WriteTransaction;
use kit::commercial_hours;

use super::favorites;
use crate::error::UserError;
use crate::model::{CampaignState, ChunkSize, CommercialMail, SavedPreferences, Subject};
use crate::state::User;
use crate::store;
use crate::store::account::Account;
use crate::store::campaign::Campaign;
use crate::store::campaign_mail::CampaignMail;
use crate::store::follower::{Followed, Follower};

/// How often it is checked whether a chunk is due.
pub(crate) const EXPAND_INTERVAL: Duration = Duration::from_secs(1);
/// Chunks of one check, so that a stop does not wait for long.
const MOST_CHUNKS: u32 = 100;
/// Nobody hears of one restaurant twice within.
pub(super) const RESTAURANT_WINDOW: TimeDelta = TimeDelta::days(3);
/// Mails to one person on one day.
const MOST_A_DAY: usize = 2;
/// What is recorded so shortly before the evening would leave in the morning, as one of the two of that day.
const CLOSING_WINDOW: Duration = Duration::from_secs(10 * 60);
/// Mails of so much time may be under way before the next ones are recorded.
const BACKLOG_WINDOW: Duration = Duration::from_secs(10);
/// How long it is waited until it is heard how mails ended that are under way: of some that may never be.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(30);
/// Those who wait for the morning do not all begin at once.
const MORNING_DELAY: Duration = Duration::from_secs(30 * 60);
/// The longest wait of a campaign whose chunks fail.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5 * 60);

/// What a chunk led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expansion {
    WentOn,
    NothingDue,
}

/// Records the chunks that are due. A campaign whose chunk fails waits ever longer, and keeps no other waiting.
pub(crate) async fn expand_campaigns(user: &User) -> Result<(), UserError> {
    if favorites::match_subjects(user).await? == favorites::Matching::Unfinished {
        return Ok(());
    }
    let mut failed = None;
    for _ in 0..MOST_CHUNKS {
        let Some((id, attempts)) = store::campaign::find_due(&user.context.database, user.context.now()).await? else {
            break;
        };
        match expand_chunk(user, id).await {
            Ok(Expansion::WentOn) => {}
            Ok(Expansion::NothingDue) => break,
            Err(error) => {
                put_off(user, (id, attempts), &error).await?;
                failed = failed.or(Some(error));
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Goes on with a campaign by one chunk, if its turn has come.
pub(crate) async fn expand_chunk(user: &User, id: CampaignId) -> Result<Expansion, UserError> {
    let begun_at = user.context.now();
    let tx = user.context.database.begin_locked("user campaigns").await?;
    let pace_at = store::campaign_pace::find(&tx).await?.unwrap_or(Timestamp::UNIX_EPOCH);
    if !user.pace.is_due(pace_at, tx.now()) {
        return Ok(Expansion::NothingDue);
    }
    let Some(campaign) = store::campaign::claim_due(&tx, id).await? else { return Ok(Expansion::WentOn) };
    if campaign.ends_at <= tx.now() {
        drop_rest(&tx, campaign).await?;
        tx.commit().await?;
        return Ok(Expansion::WentOn);
    }
    if let Some(next_at) = waits_until(&tx, user, &campaign) {
        store::campaign::advance(&tx, &Campaign { next_at: Some(next_at), ..campaign }).await?;
        tx.commit().await?;
        return Ok(Expansion::WentOn);
    }
    let queued = mail_next(&tx, user, campaign).await?;
    store::campaign_pace::save(&tx, user.pace.after(pace_at, queued, tx.now())).await?;
    tx.commit().await?;
    user.chunk_size.adapt((user.context.now() - begun_at).to_std().unwrap_or_default());
    Ok(Expansion::WentOn)
}

/// Until when the campaign waits, if its next mails are not to be recorded now.
fn waits_until(tx: &WriteTransaction, user: &User, campaign: &Campaign) -> Option<Timestamp> {
    let now = tx.now();
    if campaign.state == CampaignState::Paused {
        return Some(campaign.ends_at);
    }
    if let Some(opening) = commercial_hours::opens_for(CLOSING_WINDOW, now) {
        return Some(opening + Duration::from_secs(MORNING_DELAY.mul_f64(tx.sources().fraction()).as_secs()));
    }
    let has_progress = campaign.progress_at.is_some_and(|at| at <= now && now < at + PROGRESS_TIMEOUT);
    let has_backlog = campaign.mails_under_way() > user.pace.mails_of(BACKLOG_WINDOW);
    (has_backlog && has_progress).then(|| now + EXPAND_INTERVAL)
}

/// Records the mails of the next followers, and answers how many.
async fn mail_next(tx: &WriteTransaction, user: &User, campaign: Campaign) -> Result<u64, UserError> {
    let limit = user.chunk_size.get();
    let followers = store::follower::list(tx, &followed(&campaign), campaign.cursor, limit).await?;
    let readers = Readers::of(tx, &campaign, &followers).await?;
    let (mut events, mut mails) = (Vec::new(), Vec::new());
    let (now, started_at) = (tx.now(), campaign.started_at.or(Some(tx.now())));
    let mut next = Campaign { started_at, progress_at: Some(now), ..campaign.clone() };
    for user_id in readers.audience.iter().copied() {
        match readers.reception(user_id, &campaign) {
            Reception::WithoutConsent => next.without_consent += 1,
            Reception::WithoutAddress => next.without_address += 1,
            Reception::Capped => next.capped += 1,
            Reception::Mail(event) => {
                events.push(*event);
                mails.push(CampaignMail { user_id, restaurant_id: campaign.restaurant_id, at: tx.now() });
            }
        }
    }
    let queued = u64::try_from(events.len()).unwrap_or(u64::MAX);
    next.queued = next.queued.saturating_add_unsigned(queued);
    outbox::record_all(tx, &events).await?;
    store::campaign_mail::insert(tx, mails).await?;
    let next_at = user.pace.after(campaign.next_at.unwrap_or(now), queued, now);
    move_on(&mut next, &followers, limit, next_at, now);
    store::campaign::advance(tx, &next).await?;
    Ok(queued)
}

/// Counts the next of those who were not mailed before the campaign was over.
async fn drop_rest(tx: &WriteTransaction, mut campaign: Campaign) -> Result<(), UserError> {
    let followers = store::follower::list(tx, &followed(&campaign), campaign.cursor, ChunkSize::LARGEST).await?;
    let dropped = followers.iter().filter(|follower| follower.since <= campaign.audience_at).count();
    campaign.dropped = campaign.dropped.saturating_add(i64::try_from(dropped).unwrap_or(i64::MAX));
    move_on(&mut campaign, &followers, ChunkSize::LARGEST, tx.now(), tx.now());
    Ok(store::campaign::advance(tx, &campaign).await?)
}

/// Puts the campaign behind `followers`: fewer than `limit` were the last.
fn move_on(campaign: &mut Campaign, followers: &[Follower], limit: u64, next_at: Timestamp, now: Timestamp) {
    campaign.cursor = followers.last().map(|follower| follower.user_id).or(campaign.cursor);
    let is_last = u64::try_from(followers.len()).is_ok_and(|count| count < limit);
    if is_last {
        campaign.state = CampaignState::Ended;
        campaign.ended_at = Some(now);
        campaign.next_at = None;
    } else {
        // One that stands goes no further than to its end.
        if campaign.state != CampaignState::Paused {
            campaign.state = CampaignState::Running;
        }
        campaign.next_at = Some(next_at);
    }
}

fn followed(campaign: &Campaign) -> Followed {
    let cuisines = campaign.payload.cuisines.iter().map(|cuisine| Subject::cuisine(cuisine));
    Followed::new(Subject::restaurant(campaign.restaurant_id), cuisines)
}

/// What becomes of one follower.
enum Reception {
    Mail(Box<EmailEvent>),
    WithoutConsent,
    WithoutAddress,
    Capped,
}

/// What is known of the followers of a chunk.
struct Readers {
    /// Those who followed when the campaign began.
    audience: Vec<UserId>,
    preferences: HashMap<UserId, SavedPreferences>,
    accounts: HashMap<UserId, Account>,
    mails: HashMap<UserId, Vec<CampaignMail>>,
    day_start: Timestamp,
}

impl Readers {
    async fn of(tx: &WriteTransaction, campaign: &Campaign, followers: &[Follower]) -> Result<Self, UserError> {
        let audience: Vec<UserId> = followers
            .iter()
            .filter(|follower| follower.since <= campaign.audience_at)
            .map(|follower| follower.user_id)
            .collect();
        let mut mails: HashMap<UserId, Vec<CampaignMail>> = HashMap::new();
        for mail in store::campaign_mail::list(tx, audience.clone(), tx.now() - RESTAURANT_WINDOW).await? {
            mails.entry(mail.user_id).or_default().push(mail);
        }
        let accounts = store::account::list(tx, audience.clone()).await?;
        Ok(Self {
            preferences: store::preferences::list(tx, audience.clone()).await?,
            accounts: accounts.into_iter().map(|account| (account.id, account)).collect(),
            mails,
            audience,
            day_start: commercial_hours::day_start(tx.now()),
        })
    }

    fn reception(&self, user_id: UserId, campaign: &Campaign) -> Reception {
        let preferences = self.preferences.get(&user_id);
        let Some(SavedPreferences { locale, commercial_mail: CommercialMail::Granted { at, .. } }) = preferences else {
            return Reception::WithoutConsent;
        };
        let account = self.accounts.get(&user_id);
        let Some((account, to)) = account.and_then(|account| Some((account, account.email.clone()?))) else {
            return Reception::WithoutAddress;
        };
        if self.is_capped(user_id, campaign) {
            return Reception::Capped;
        }
        Reception::Mail(Box::new(mail(to, locale.unwrap_or(account.locale), *at, campaign)))
    }

    fn is_capped(&self, user_id: UserId, campaign: &Campaign) -> bool {
        let mails = self.mails.get(&user_id).map_or(&[][..], Vec::as_slice);
        let today = mails.iter().filter(|mail| mail.at >= self.day_start).count();
        today >= MOST_A_DAY || mails.iter().any(|mail| mail.restaurant_id == campaign.restaurant_id)
    }
}

fn mail(to: contracts::EmailAddress, locale: Locale, consent_at: Timestamp, campaign: &Campaign) -> EmailEvent {
    let text = &campaign.payload;
    let offer = Offer {
        campaign_id: Some(campaign.id),
        restaurant_id: Some(campaign.restaurant_id),
        restaurant: Some(text.restaurant_name.clone()),
        code: text.code.clone(),
        ends_at: Some(campaign.ends_at),
        consent_at: Some(consent_at),
    };
    let message = MailMessage::Discount { title: text.title.clone(), description: text.description.clone(), offer };
    EmailEvent { to, locale, message }
}

/// Lets the campaign wait whose chunk has failed, which is logged here.
async fn put_off(user: &User, (id, attempts): (CampaignId, i16), error: &UserError) -> Result<(), UserError> {
    let attempts = attempts.saturating_add(1);
    tracing::warn!(%error, campaign_id = %id, attempts, "a campaign does not go on; it is tried again");
    let wait = EXPAND_INTERVAL * 2_u32.saturating_pow(attempts.unsigned_abs().into());
    let tx = user.context.database.begin_read_committed().await?;
    store::campaign::put_off(&tx, id, attempts, tx.now() + wait.min(LONGEST_BACKOFF)).await?;
    Ok(tx.commit().await?)
}
