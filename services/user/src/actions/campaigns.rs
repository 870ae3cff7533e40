//! Campaigns: kept as restaurants announce them, counted as their mails leave, and what who runs the platform does about them, by a route
//! or at the command line.

use bus::{HearError, Heard, outbox};
use clock::Timestamp;
use contracts::{AnnouncedCampaign, CampaignAnnounced, CampaignCounted, CampaignId, CampaignStateChanged};
use database::{Database, WriteTransaction};

pub use super::campaign_report::CampaignReport;
use crate::error::UserError;
use crate::model::{CampaignReason, CampaignState, CampaignText};
use crate::store;
use crate::store::campaign::Campaign;

/// Keeps what was announced, unless a newer announcement is known; the transaction is the event's. Nobody is mailed here: that goes in
/// chunks, by itself. Of what was recorded before, it is published when it is taken back, or ends at another time.
pub(crate) async fn keep_campaign(tx: &WriteTransaction, heard: &Heard<CampaignAnnounced>) -> Result<(), HearError> {
    let CampaignAnnounced { title, description, campaign } = &heard.event;
    let Some(announced) = campaign else {
        tracing::info!(title, "a campaign without a restaurant is skipped: nobody follows it");
        return Ok(());
    };
    let unknown = Campaign::unknown(announced.campaign_id, announced.restaurant_id, heard.recorded_at, tx.now());
    let known = store::campaign::claim(tx, unknown).await?;
    // Whichever comes first, its audience is that of the first one.
    let audience_at = known.audience_at.min(heard.recorded_at);
    let campaign = if known.version < announced.version {
        let state = known.state.announced(announced.ends_at, tx.now());
        let next_at = next_chunk(state, announced, known.next_at.unwrap_or(tx.now()));
        let before = (known.version > 0).then(|| known.mailing());
        let mut campaign = Campaign {
            version: announced.version,
            restaurant_id: announced.restaurant_id,
            payload: CampaignText::of(title, description, announced),
            ends_at: announced.ends_at,
            is_withdrawn: announced.withdrawn,
            state,
            audience_at,
            next_at,
            ..known
        };
        if before.is_some_and(|before| before != campaign.mailing()) {
            campaign.state_version += 1;
            publish_state(tx, &campaign).await?;
        }
        campaign
    } else if known.audience_at > audience_at {
        Campaign { audience_at, ..known }
    } else {
        return Ok(());
    };
    Ok(store::campaign::announce(tx, &campaign).await?)
}

/// When a campaign is to be taken up after an announcement: as before, or at its end, where it stands.
fn next_chunk(state: CampaignState, announced: &AnnouncedCampaign, before: Timestamp) -> Option<Timestamp> {
    match state {
        _ if announced.withdrawn => None,
        CampaignState::Waiting | CampaignState::Running => Some(before),
        CampaignState::Paused => Some(announced.ends_at),
        CampaignState::Ended | CampaignState::Cancelled | CampaignState::Skipped => None,
    }
}

/// Publishes what becomes of its mails that have not left, with the transaction that decides it.
async fn publish_state(tx: &WriteTransaction, campaign: &Campaign) -> database::Result<()> {
    let (state, ends_at) = campaign.mailing();
    let (campaign_id, version) = (campaign.id, campaign.state_version);
    outbox::record(tx, &CampaignStateChanged { campaign_id, version, state, ends_at, at: tx.now() }).await
}

/// Keeps what has become of a campaign's mails, unless newer counts are known, and lets it stand where mail servers want none of it;
/// the transaction is the event's.
pub(crate) async fn keep_counts(tx: &WriteTransaction, counted: &CampaignCounted) -> Result<(), HearError> {
    let Some(campaign) = store::campaign::count(tx, counted).await? else { return Ok(()) };
    let Some(objection) = campaign.answers().since(campaign.excused()).objection() else { return Ok(()) };
    if let Some(paused) = store::campaign::pause(tx, campaign.id, objection).await? {
        publish_state(tx, &paused).await?;
        let (campaign_id, reason) = (campaign.id, objection.as_str());
        tracing::warn!(%campaign_id, reason, "a campaign stands: mail servers want none of it");
    }
    Ok(())
}

/// Up to `limit` campaigns behind one, newest first.
///
/// # Errors
/// The database failed.
pub async fn list(
    database: &Database,
    before: Option<CampaignId>,
    limit: u64,
) -> Result<Vec<CampaignReport>, UserError> {
    let campaigns = store::campaign::list(database, before, limit).await?;
    Ok(campaigns.into_iter().map(CampaignReport::from).collect())
}

/// A campaign.
///
/// # Errors
/// There is none of this id, or the database failed.
pub async fn find(database: &Database, id: CampaignId) -> Result<CampaignReport, UserError> {
    let campaign = store::campaign::find(database, id).await?;
    Ok(campaign.ok_or(UserError::UnknownCampaign)?.into())
}

/// Lets a campaign stand that goes on, or whose mails still leave: what has not left by now waits.
///
/// # Errors
/// It does not go on, there is none of this id, or the database failed.
pub async fn pause(database: &Database, id: CampaignId) -> Result<CampaignReport, UserError> {
    let tx = database.begin_read_committed().await?;
    let paused = store::campaign::pause(&tx, id, CampaignReason::Operator).await?;
    changed(tx, id, paused).await
}

/// Lets a campaign go on that stands, whatever it stood for; what mail servers answered before is forgiven.
///
/// # Errors
/// It does not stand, there is none of this id, or the database failed.
pub async fn resume(database: &Database, id: CampaignId) -> Result<CampaignReport, UserError> {
    let tx = database.begin_read_committed().await?;
    let resumed = store::campaign::resume(&tx, id).await?;
    changed(tx, id, resumed).await
}

/// Ends a campaign for good: what has not left by now never does.
///
/// # Errors
/// It is over, there is none of this id, or the database failed.
pub async fn cancel(database: &Database, id: CampaignId) -> Result<CampaignReport, UserError> {
    let tx = database.begin_read_committed().await?;
    let cancelled = store::campaign::cancel(&tx, id).await?;
    changed(tx, id, cancelled).await
}

/// Publishes the change and commits it, or says why there was none.
async fn changed(
    tx: WriteTransaction,
    id: CampaignId,
    campaign: Option<Campaign>,
) -> Result<CampaignReport, UserError> {
    if let Some(campaign) = campaign {
        publish_state(&tx, &campaign).await?;
        tx.commit().await?;
        return Ok(campaign.into());
    }
    let standing = store::campaign::find(&tx, id).await?.ok_or(UserError::UnknownCampaign)?;
    Err(UserError::CampaignStands(standing.shown_state().0))
}
