//! What those who follow a restaurant hear of its campaigns.
//!
//! A request only writes a campaign down. It is announced when it begins, by whichever process finds it due first, and again when
//! followers would read something else. What was announced and ends before its time is taken back with the change that ends it.

use std::time::Duration;

use bus::outbox;
use clock::Backoff;
use contracts::{AnnouncedCampaign, CampaignAnnounced};
use database::{Database, WriteTransaction};

use crate::error::RestaurantError;
use crate::store;
use crate::store::announcement::DueCampaign;
use crate::store::campaign::Campaign;
use crate::store::restaurant::Restaurant;

/// How often it is checked which campaigns are to be announced.
pub(crate) const ANNOUNCE_INTERVAL: Duration = Duration::from_secs(1);
/// So many of them are read at a time.
const BATCH: u64 = 50;
/// When one is tried again that could not be announced.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(2), longest: Duration::from_secs(5 * 60) };

/// What has become of a campaign that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is due no more.
    Concluded,
    /// Somebody changes its restaurant at this moment.
    Waits,
}

/// Announces the campaigns whose time has come, each in a transaction of its own: ten processes announce it once.
pub(crate) async fn announce_due(database: &Database) -> Result<(), RestaurantError> {
    let mut failed = None;
    loop {
        let due = store::announcement::list_due(database, database.sources().now(), BATCH).await?;
        let is_full = due.len() as u64 >= BATCH;
        for campaign in due {
            let outcome = announce_if_due(database, campaign).await;
            failed = or_put_off(database, campaign, outcome).await.err().or(failed);
        }
        // Whatever was tried is due later or no more, so that each turn finds others; unless not even that could be written.
        if !is_full || failed.is_some() {
            return failed.map_or(Ok(()), Err);
        }
    }
}

/// Announces the campaign as it is now. Whoever changes it has its restaurant, so nobody does meanwhile.
async fn announce_if_due(database: &Database, due: DueCampaign) -> Result<Outcome, RestaurantError> {
    let tx = database.begin_read_committed().await?;
    let Some(restaurant) = store::restaurant::claim(&tx, due.restaurant_id).await? else { return Ok(Outcome::Waits) };
    if !restaurant.is_visible() {
        // The restaurant decides, whatever its campaigns say of it.
        follow(&tx, &restaurant).await?;
        tx.commit().await?;
        return Ok(Outcome::Concluded);
    }
    let found = store::campaign::find(&tx, due.id).await?;
    let Some(campaign) = found.filter(|campaign| campaign.is_due(tx.now())) else { return Ok(Outcome::Concluded) };
    let is_over = campaign.has_ended(tx.now());
    let announced_at = if is_over { campaign.announced_at } else { campaign.announced_at.or(Some(tx.now())) };
    if !store::announcement::conclude(&tx, &campaign, announced_at).await? {
        return Ok(Outcome::Concluded);
    }
    if !is_over {
        let cuisines = list_cuisines(&tx, &restaurant).await?;
        outbox::record(&tx, &event(&campaign, announced(&restaurant, cuisines, &campaign))).await?;
    }
    tx.commit().await?;
    Ok(Outcome::Concluded)
}

/// Lets the campaign wait where it was not concluded; why not is logged here.
async fn or_put_off(
    database: &Database,
    DueCampaign { id, attempts, .. }: DueCampaign,
    outcome: Result<Outcome, RestaurantError>,
) -> Result<(), RestaurantError> {
    match outcome {
        Ok(Outcome::Concluded) => return Ok(()),
        Ok(Outcome::Waits) => {}
        Err(error) => {
            tracing::warn!(%error, campaign_id = %id, attempts, "a campaign can't be announced; it is tried again");
        }
    }
    let tx = database.begin_read_committed().await?;
    let pause = BACKOFF.nominal(u32::from(attempts.unsigned_abs()) + 1);
    store::announcement::put_off(&tx, id, tx.now() + pause).await?;
    Ok(tx.commit().await?)
}

/// Hides the campaigns of a restaurant while it is a draft or deleted, and takes back what was announced of them.
pub(super) async fn follow(tx: &WriteTransaction, restaurant: &Restaurant) -> database::Result<()> {
    if !restaurant.is_visible() {
        let announced = store::announcement::list_announced(tx, restaurant.id).await?;
        withdraw(tx, restaurant, &announced).await?;
        store::announcement::take_back(tx, restaurant.id).await?;
    }
    store::campaign::follow(tx, restaurant).await
}

/// Records that nobody else is to hear of these campaigns of the restaurant.
pub(super) async fn withdraw(
    tx: &WriteTransaction,
    restaurant: &Restaurant,
    campaigns: &[Campaign],
) -> database::Result<()> {
    if campaigns.is_empty() {
        return Ok(());
    }
    let cuisines = list_cuisines(tx, restaurant).await?;
    let events = campaigns.iter().map(|campaign| {
        let last = AnnouncedCampaign {
            version: campaign.version + 1,
            withdrawn: true,
            ..announced(restaurant, cuisines.clone(), campaign)
        };
        event(campaign, last)
    });
    outbox::record_all(tx, &events.collect::<Vec<_>>()).await
}

async fn list_cuisines(tx: &WriteTransaction, restaurant: &Restaurant) -> database::Result<Vec<String>> {
    let cuisines = store::cuisine::list(tx, vec![restaurant.id]).await?;
    Ok(cuisines.into_iter().map(|(_, cuisine)| cuisine.name().as_str().to_owned()).collect())
}

/// The campaign as it is, of its restaurant as that is.
fn announced(restaurant: &Restaurant, cuisines: Vec<String>, campaign: &Campaign) -> AnnouncedCampaign {
    let parts = campaign.parts();
    AnnouncedCampaign {
        campaign_id: campaign.id,
        version: campaign.version,
        restaurant_id: restaurant.id,
        restaurant_name: restaurant.name.as_str().to_owned(),
        cuisines,
        code: parts.code.map(|code| code.as_str().to_owned()),
        ends_at: parts.end_date,
        withdrawn: false,
    }
}

fn event(campaign: &Campaign, announced: AnnouncedCampaign) -> CampaignAnnounced {
    let parts = campaign.parts();
    CampaignAnnounced {
        title: parts.title.as_str().to_owned(),
        description: parts.description.as_str().to_owned(),
        campaign: Some(announced),
    }
}

#[cfg(test)]
mod tests {
    use kit::on_every_database;
    use serde_json::json;

    use super::*;
    use crate::fixture::Fixture;

    on_every_database! {
        Fixture:
        who_has_the_restaurant_announces_a_campaign_that_others_let_wait_meanwhile,
    }

    async fn who_has_the_restaurant_announces_a_campaign_that_others_let_wait_meanwhile(fixture: Fixture) {
        let (meral, path) = fixture.open_restaurant(json!({})).await;
        let begun = json!({
            "title": "Yaz", "description": "Bütün yaz", "restaurant_id": path.trim_start_matches("/restaurants/"),
            "start_date": "2026-03-02T12:00:00Z", "end_date": "2026-03-04T12:00:00Z",
        });
        meral.client.post("/campaigns", begun).await;
        let database = &fixture.context.database;
        let due = store::announcement::list_due(database, fixture.context.now(), BATCH).await.unwrap()[0];

        // Another process finds the restaurant taken, and is faster to say so than this one is to read the campaign.
        or_put_off(database, due, Ok(Outcome::Waits)).await.unwrap();
        announce_if_due(database, due).await.unwrap();

        assert_eq!(fixture.announced().await.len(), 1);
        fixture.clock.advance(Duration::from_secs(60));
        assert_eq!(fixture.announced().await.len(), 0);
    }
}
