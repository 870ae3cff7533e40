//! What is published for whoever has mails of a campaign that have not left, when it stands, goes on, is ended or changed.

use chrono::TimeDelta;
use contracts::{AnnouncedCampaign, CampaignCounted, CampaignId, CampaignStateChanged, MailingState};
use kit::on_every_database;
use kit::testing::Recorded;
use serde_json::{Value, json};

use crate::actions::expand_chunk;
use crate::fixture::Fixture;
use crate::model::CampaignState;

on_every_database! {
    Fixture:
    what_an_operator_does_is_published_with_it,
    what_is_taken_back_or_ends_at_another_time_is_published,
    an_announcement_that_changes_neither_publishes_nothing,
    a_campaign_whose_last_mails_wait_can_stand_go_on_and_end,
    mail_servers_stop_a_campaign_whose_last_mails_wait,
    a_campaign_whose_mails_have_all_ended_is_over,
}

async fn act(fixture: &Fixture, campaign: CampaignId, action: &str) -> (u16, Value) {
    let admin = fixture.client().admin(fixture.new_user());
    let answer = admin.post(&format!("/admin/campaigns/{campaign}/{action}"), json!({})).await;
    (answer.status, answer.json())
}

fn states(published: &[CampaignStateChanged]) -> Vec<(i64, MailingState)> {
    published.iter().map(|changed| (changed.version, changed.state)).collect()
}

/// A campaign that all of its hundred followers are behind.
async fn ended(fixture: &Fixture) -> CampaignId {
    let restaurant = fixture.new_restaurant();
    fixture.diners(100, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    fixture.expand_for(5).await;
    assert_eq!(fixture.campaign(campaign).await.state, CampaignState::Ended);
    campaign
}

fn counted(fixture: &Fixture, campaign_id: CampaignId) -> CampaignCounted {
    let (sent, suppressed, failed, dropped, bounced, refused) = (0, 0, 0, 0, 0, 0);
    let at = fixture.context.now();
    CampaignCounted { campaign_id, version: 1, sent, suppressed, failed, dropped, bounced, refused, at }
}

async fn what_an_operator_does_is_published_with_it(fixture: Fixture) {
    use MailingState::{Cancelled, Paused, Running};
    let published = Recorded::<CampaignStateChanged>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(150, restaurant).await;
    let announced = fixture.campaign_of(restaurant);
    let campaign = fixture.announce(announced.clone()).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();

    for action in ["resume", "pause", "pause", "resume", "cancel", "cancel"] {
        act(&fixture, campaign, action).await;
    }

    let published = published.take().await;
    assert_eq!(states(&published), [(1, Paused), (2, Running), (3, Cancelled)]);
    let is_whole = |changed: &CampaignStateChanged| {
        (changed.campaign_id, changed.ends_at) == (campaign, announced.ends_at) && changed.at == fixture.context.now()
    };
    assert!(published.iter().all(is_whole), "{published:?}");
}

async fn what_is_taken_back_or_ends_at_another_time_is_published(fixture: Fixture) {
    use MailingState::{Cancelled, Running};
    let published = Recorded::<CampaignStateChanged>::of(&fixture.context).await;
    let first = fixture.campaign_of(fixture.new_restaurant());
    let soon = fixture.context.now() + TimeDelta::days(1);
    fixture.announce(first.clone()).await;

    fixture.announce(AnnouncedCampaign { version: 2, ends_at: soon, ..first.clone() }).await;
    fixture.announce(AnnouncedCampaign { version: 3, ends_at: soon, withdrawn: true, ..first.clone() }).await;
    fixture.announce(AnnouncedCampaign { version: 4, ends_at: soon, ..first.clone() }).await;
    fixture.announce(AnnouncedCampaign { version: 3, withdrawn: true, ..first }).await;

    let published = published.take().await;
    assert_eq!(states(&published), [(1, Running), (2, Cancelled), (3, Running)]);
    assert!(published.iter().all(|changed| changed.ends_at == soon), "{published:?}");
}

async fn an_announcement_that_changes_neither_publishes_nothing(fixture: Fixture) {
    let published = Recorded::<CampaignStateChanged>::of(&fixture.context).await;
    let first = fixture.campaign_of(fixture.new_restaurant());
    let (code, withdrawn) = (Some("KIS20".to_owned()), fixture.campaign_of(fixture.new_restaurant()));

    fixture.announce(first.clone()).await;
    fixture.announce(AnnouncedCampaign { version: 2, code, ..first }).await;
    fixture.announce(AnnouncedCampaign { withdrawn: true, ..withdrawn }).await;

    assert_eq!(published.take().await, []);
}

async fn a_campaign_whose_last_mails_wait_can_stand_go_on_and_end(fixture: Fixture) {
    use MailingState::{Cancelled, Paused, Running};
    let published = Recorded::<CampaignStateChanged>::of(&fixture.context).await;
    let campaign = ended(&fixture).await;

    let (_, standing) = act(&fixture, campaign, "pause").await;
    fixture.expand_for(5).await;
    let still = fixture.campaign(campaign).await.state;
    act(&fixture, campaign, "resume").await;
    fixture.expand_for(5).await;
    let again = fixture.campaign(campaign).await;
    let (status, cancelled) = act(&fixture, campaign, "cancel").await;

    assert_eq!(
        (&standing["state"], &standing["next_at"], still),
        (&json!("paused"), &json!(null), CampaignState::Paused)
    );
    assert_eq!((again.state, again.queued), (CampaignState::Ended, 100));
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")));
    assert_eq!(states(&published.take().await), [(1, Paused), (2, Running), (3, Cancelled)]);
}

async fn mail_servers_stop_a_campaign_whose_last_mails_wait(fixture: Fixture) {
    let published = Recorded::<CampaignStateChanged>::of(&fixture.context).await;
    let campaign = ended(&fixture).await;

    fixture.hear(CampaignCounted { failed: 6, refused: 6, ..counted(&fixture, campaign) }).await;

    assert_eq!(fixture.campaign(campaign).await.state, CampaignState::Paused);
    assert_eq!(states(&published.take().await), [(1, MailingState::Paused)]);
}

async fn a_campaign_whose_mails_have_all_ended_is_over(fixture: Fixture) {
    let campaign = ended(&fixture).await;
    let counted = CampaignCounted { sent: 80, suppressed: 5, failed: 5, dropped: 10, ..counted(&fixture, campaign) };

    fixture.hear(counted).await;

    for action in ["pause", "resume", "cancel"] {
        assert_eq!(act(&fixture, campaign, action).await.0, 409, "{action}");
    }
}
