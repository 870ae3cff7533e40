//! Campaigns as who runs the platform sees them, and as they are announced and counted.

use std::time::Duration;

use chrono::TimeDelta;
use clock::{Random, SeededRandom};
use contracts::{AnnouncedCampaign, CampaignCounted, CampaignId, EmailEvent};
use kit::on_every_database;
use kit::testing::{Ask, Recorded, heard};
use serde_json::json;

use crate::actions::campaigns::keep_campaign;
use crate::actions::expand_chunk;
use crate::fixture::{Fixture, announced};
use crate::model::CampaignState;
use crate::store;

on_every_database! {
    Fixture:
    admins_alone_see_and_stop_campaigns,
    campaigns_are_listed_newest_first_page_by_page,
    a_campaign_stands_and_goes_on_where_it_stood,
    a_cancelled_campaign_mails_nobody_else,
    what_is_over_can_neither_stand_nor_go_on,
    late_doubled_and_reordered_announcements_end_in_the_same_state,
    a_change_is_mailed_to_those_who_come_after_it,
    a_campaign_that_was_taken_back_mails_nobody_else,
    counts_are_the_newest_ones,
    a_campaign_stands_when_its_mails_bounce_and_an_operator_lets_it_go_on,
}

const ACTIONS: [&str; 3] = ["pause", "resume", "cancel"];

async fn admins_alone_see_and_stop_campaigns(fixture: Fixture) {
    let campaign = fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await;
    let (nobody, somebody) = (fixture.client(), fixture.new_user());
    let (user, manager, admin) = (nobody.user(somebody), nobody.manager(somebody), nobody.admin(somebody));
    let reads = || ["/admin/campaigns".to_owned(), format!("/admin/campaigns/{campaign}")].map(|path| Ask::get(&path));
    let asks = || {
        let acts = ACTIONS.map(|action| Ask::post(&format!("/admin/campaigns/{campaign}/{action}"), json!({})));
        reads().into_iter().chain(acts)
    };

    for (client, status) in [(&nobody, 401), (&user, 403), (&manager, 403), (&admin, 200)] {
        for ask in asks() {
            assert_eq!(client.send(ask).await.status, status);
        }
    }

    for path in [format!("/admin/campaigns/{}", fixture.new_user()), "/admin/campaigns/none".to_owned()] {
        assert_eq!(admin.get(&path).await.code(), "CAMPAIGN_NOT_FOUND");
        for action in ACTIONS {
            let answer = admin.post(&format!("{path}/{action}"), json!({})).await;
            assert_eq!((answer.status, answer.code()), (404, "CAMPAIGN_NOT_FOUND".to_owned()));
        }
    }
}

async fn campaigns_are_listed_newest_first_page_by_page(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let mut newest_first = Vec::new();
    for _ in 0..25 {
        newest_first.insert(0, fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await.to_string());
    }

    let (mut listed, mut path) = (Vec::new(), "/admin/campaigns?limit=10".to_owned());
    for _ in 0..3 {
        let page = admin.get(&path).await.json();
        listed.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/admin/campaigns?limit=10&cursor={cursor}");
    }

    assert_eq!(listed, newest_first);
    assert_eq!(admin.get("/admin/campaigns?limit=0").await.code(), "INVALID_LIMIT");
}

async fn a_campaign_stands_and_goes_on_where_it_stood(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let admin = || fixture.client().admin(fixture.new_user());
    let restaurant = fixture.new_restaurant();
    fixture.diners(250, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    let path = format!("/admin/campaigns/{campaign}");
    expand_chunk(&fixture.user, campaign).await.unwrap();

    let paused = admin().post(&format!("{path}/pause"), json!({})).await.json();
    fixture.expand_for(20).await;
    let standing = admin().get(&path).await.json();
    let resumed = admin().post(&format!("{path}/resume"), json!({})).await.json();
    fixture.expand_for(20).await;
    let ended = admin().get(&path).await.json();

    assert_eq!((&paused["state"], &paused["reason"]), (&json!("paused"), &json!("operator")));
    assert_eq!((&standing["queued"], &standing["next_at"]), (&json!(100), &json!(null)));
    assert_eq!((&resumed["state"], &resumed["reason"]), (&json!("running"), &json!(null)));
    assert_eq!((&ended["state"], &ended["queued"]), (&json!("ended"), &json!(250)));
    let mut readers: Vec<String> = mails.take().await.iter().map(|mail| mail.to.to_string()).collect();
    readers.sort();
    readers.dedup();
    assert_eq!(readers.len(), 250);
}

async fn a_cancelled_campaign_mails_nobody_else(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let admin = fixture.client().admin(fixture.new_user());
    let restaurant = fixture.new_restaurant();
    fixture.diners(250, restaurant).await;
    let announced = fixture.campaign_of(restaurant);
    let campaign = fixture.announce(announced.clone()).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();

    admin.post(&format!("/admin/campaigns/{campaign}/cancel"), json!({})).await;
    fixture.announce(AnnouncedCampaign { version: 2, ..announced }).await;
    fixture.expand_for(20).await;

    assert_eq!(mails.take().await.len(), 100);
    assert_eq!(fixture.campaign(campaign).await.state, CampaignState::Cancelled);
}

async fn what_is_over_can_neither_stand_nor_go_on(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let campaign = fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await;
    let act = async |action: &str| admin.post(&format!("/admin/campaigns/{campaign}/{action}"), json!({})).await;

    let early = act("resume").await;
    fixture.expand_for(1).await;

    assert_eq!((early.status, early.code()), (409, "CAMPAIGN_STATE".to_owned()));
    for action in ACTIONS {
        assert_eq!(act(action).await.status, 409, "{action}");
    }
    assert_eq!(fixture.campaign(campaign).await.state, CampaignState::Ended);
}

/// The same, in an order that `random` chooses.
fn shuffled<T>(mut items: Vec<T>, random: &SeededRandom) -> Vec<T> {
    for place in (1..items.len()).rev() {
        let mut byte = [0];
        random.fill(&mut byte);
        items.swap(place, usize::from(byte[0]) % (place + 1));
    }
    items
}

async fn late_doubled_and_reordered_announcements_end_in_the_same_state(fixture: Fixture) {
    let first = fixture.campaign_of(fixture.new_restaurant());
    let later = fixture.context.now() + TimeDelta::days(20);
    let over = fixture.context.now() - TimeDelta::days(1);
    let versions = [
        first.clone(),
        AnnouncedCampaign { version: 2, ends_at: over, ..first.clone() },
        AnnouncedCampaign { version: 3, withdrawn: true, ..first.clone() },
        AnnouncedCampaign { version: 4, ends_at: later, code: None, ..first.clone() },
    ];
    let mut events = Vec::new();
    for version in versions {
        fixture.a_moment_later();
        let event = heard(&fixture.context, announced(version));
        events.extend([event.clone(), event]);
    }
    let random = SeededRandom::new(11);

    let mut ends = Vec::new();
    for _ in 0..1_000 {
        let tx = fixture.context.database.begin_write().await.unwrap();
        for event in shuffled(events.clone(), &random) {
            keep_campaign(&tx, &event).await.unwrap();
        }
        let end = store::campaign::find(&tx, first.campaign_id).await.unwrap().unwrap();
        // What the transaction began at differs, and what was published on the way; nothing else may.
        let (heard_at, next_at, state_version) = (later, end.next_at.map(|_| later), 0);
        ends.push(store::campaign::Campaign { heard_at, next_at, state_version, ..end });
    }

    assert_eq!((ends[0].version, ends[0].state, ends[0].ends_at), (4, CampaignState::Waiting, later));
    assert_eq!((ends[0].audience_at, ends[0].next_at), (events[0].recorded_at, Some(later)));
    assert!(ends.iter().all(|end| *end == ends[0]));
}

async fn a_change_is_mailed_to_those_who_come_after_it(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(150, restaurant).await;
    let first = fixture.campaign_of(restaurant);
    let campaign = fixture.announce(first.clone()).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();

    fixture.announce(AnnouncedCampaign { version: 2, code: Some("KIS20".to_owned()), ..first.clone() }).await;
    fixture.announce(first).await;
    fixture.expand_for(10).await;

    let codes = mails.take().await.into_iter().map(|mail| mail.message.offer().unwrap().code.clone().unwrap());
    let codes: Vec<String> = codes.collect();
    assert_eq!((codes.len(), codes.iter().filter(|code| *code == "KIS20").count()), (150, 50));
}

async fn a_campaign_that_was_taken_back_mails_nobody_else(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let restaurant = fixture.new_restaurant();
    fixture.diners(150, restaurant).await;
    let first = fixture.campaign_of(restaurant);
    let campaign = fixture.announce(first.clone()).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();

    fixture.announce(AnnouncedCampaign { version: 2, withdrawn: true, ..first.clone() }).await;
    fixture.expand_for(10).await;
    let withdrawn = admin.get(&format!("/admin/campaigns/{campaign}")).await.json();
    let resumed = admin.post(&format!("/admin/campaigns/{campaign}/resume"), json!({})).await;
    fixture.announce(AnnouncedCampaign { version: 3, ..first }).await;
    fixture.expand_for(10).await;

    assert_eq!((&withdrawn["state"], &withdrawn["reason"]), (&json!("cancelled"), &json!("withdrawn")));
    assert_eq!((&withdrawn["queued"], resumed.status), (&json!(100), 409));
    assert_eq!(fixture.campaign(campaign).await.queued, 150);
}

fn counted(campaign_id: CampaignId, version: i64, at: clock::Timestamp) -> CampaignCounted {
    let (sent, suppressed, failed, dropped, bounced, refused) = (0, 0, 0, 0, 0, 0);
    CampaignCounted { campaign_id, version, sent, suppressed, failed, dropped, bounced, refused, at }
}

async fn counts_are_the_newest_ones(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let campaign = fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await;
    let counted = |version| counted(campaign, version, fixture.context.now());

    fixture.hear(CampaignCounted { sent: 70, suppressed: 3, failed: 2, dropped: 5, bounced: 1, ..counted(2) }).await;
    fixture.hear(CampaignCounted { sent: 10, ..counted(1) }).await;
    fixture
        .hear(CampaignCounted { sent: 10, ..self::counted(CampaignId(fixture.new_user().0), 9, fixture.context.now()) })
        .await;

    let shown = admin.get(&format!("/admin/campaigns/{campaign}")).await.json();
    let names = ["sent", "suppressed", "failed", "expired", "dropped", "bounced", "refused"];
    assert_eq!(names.map(|name| shown[name].as_u64()), [70_u64, 3, 2, 5, 0, 1, 0].map(Some));
}

async fn a_campaign_stands_when_its_mails_bounce_and_an_operator_lets_it_go_on(fixture: Fixture) {
    let admin = fixture.client().admin(fixture.new_user());
    let restaurant = fixture.new_restaurant();
    fixture.diners(900, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    let path = format!("/admin/campaigns/{campaign}");
    let counted = |version| counted(campaign, version, fixture.context.now());
    expand_chunk(&fixture.user, campaign).await.unwrap();

    fixture.hear(CampaignCounted { sent: 489, failed: 11, bounced: 11, ..counted(1) }).await;
    let standing = admin.get(&path).await.json();
    admin.post(&format!("{path}/resume"), json!({})).await;
    fixture.hear(CampaignCounted { sent: 490, failed: 11, bounced: 11, ..counted(2) }).await;
    let going_on = admin.get(&path).await.json();
    fixture.hear(CampaignCounted { sent: 490, failed: 16, bounced: 11, refused: 5, ..counted(3) }).await;
    let refused = admin.get(&path).await.json();
    fixture.clock.advance(Duration::from_secs(60));
    fixture.expand_for(5).await;

    assert_eq!((&standing["state"], &standing["reason"]), (&json!("paused"), &json!("bounced")));
    assert_eq!((&going_on["state"], &going_on["reason"]), (&json!("running"), &json!(null)));
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("paused"), &json!("refused")));
    assert_eq!(fixture.campaign(campaign).await.queued, 100);
}
