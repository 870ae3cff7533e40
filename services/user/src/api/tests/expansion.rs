//! Whom a campaign reaches: each who follows and agreed, once, whatever dies meanwhile.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use contracts::{EmailEvent, Locale, MailMessage, Offer, UserId};
use database::Connection;
use kit::on_every_database;
use kit::testing::Recorded;
use serde_json::json;

use crate::actions::{expand_campaigns, expand_chunk};
use crate::fixture::{Fixture, address_of, announced};
use crate::model::{CampaignState, FavoriteKind};
use crate::state::User;
use crate::{Settings, store};

on_every_database! {
    Fixture:
    each_follower_who_agreed_is_mailed_once_and_the_others_are_counted,
    a_mail_is_in_the_language_of_its_reader_and_says_what_it_is_of,
    two_replicas_mail_two_thousand_followers_once_each,
    a_crash_after_any_statement_leaves_nobody_out_and_mails_nobody_twice,
    who_withdraws_between_two_chunks_is_not_mailed,
    favourites_of_before_are_followers_too,
    a_campaign_without_a_restaurant_is_skipped,
}

fn addresses(mails: &[EmailEvent]) -> Vec<String> {
    let mut addresses: Vec<String> = mails.iter().map(|mail| mail.to.to_string()).collect();
    addresses.sort();
    addresses
}

fn of(diners: impl IntoIterator<Item = UserId>) -> Vec<String> {
    let mut addresses: Vec<String> = diners.into_iter().map(|diner| address_of(diner).to_string()).collect();
    addresses.sort();
    addresses
}

async fn follow(fixture: &Fixture, diner: UserId, kind: FavoriteKind, name: &str) {
    let client = fixture.client().user(diner);
    let (path, body) = match kind {
        FavoriteKind::Restaurant => ("/favorites/restaurant", json!({ "restaurant_id": name })),
        FavoriteKind::Cuisine => ("/favorites/cuisine", json!({ "cuisine": name })),
    };
    assert_eq!(client.post(path, body).await.status, 200);
}

async fn each_follower_who_agreed_is_mailed_once_and_the_others_are_counted(fixture: Fixture) {
    use FavoriteKind::{Cuisine, Restaurant};
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let tx = fixture.context.database.begin_write().await.unwrap();
    let [ayse, ali, can, refusing, elsewhere, late] = [
        fixture.diner(&tx).await,
        fixture.diner(&tx).await,
        fixture.diner(&tx).await,
        fixture.diner(&tx).await,
        fixture.diner(&tx).await,
        fixture.diner(&tx).await,
    ];
    tx.commit().await.unwrap();
    let (silent, unreachable) = (fixture.new_user(), fixture.new_user());
    let agree = json!({ "commercial_mail": { "granted": true, "text_version": "2026-01" } });
    fixture.client().user(unreachable).put("/users/preferences", agree).await;
    fixture.client().user(refusing).put("/users/preferences", json!({ "commercial_mail": { "granted": false } })).await;
    let id = restaurant.to_string();
    for diner in [ayse, can, refusing, silent, unreachable] {
        follow(&fixture, diner, Restaurant, &id.to_uppercase()).await;
    }
    for (diner, name) in [(ali, "ızgara köfte"), (can, "IZGARA KÖFTE"), (can, "izgara kofte"), (elsewhere, "Pide")] {
        follow(&fixture, diner, Cuisine, name).await;
    }
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    fixture.clock.advance(Duration::from_secs(1));
    follow(&fixture, late, Restaurant, &id).await;

    fixture.expand_for(5).await;

    assert_eq!(addresses(&mails.take().await), of([ayse, ali, can]));
    let ended = fixture.campaign(campaign).await;
    assert_eq!((ended.queued, ended.without_consent, ended.without_address), (3, 2, 1));
    assert_eq!((ended.state, ended.capped, ended.dropped), (CampaignState::Ended, 0, 0));
}

async fn a_mail_is_in_the_language_of_its_reader_and_says_what_it_is_of(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let diners = fixture.diners(2, restaurant).await;
    let consent_at = fixture.context.now();
    fixture.client().user(diners[1]).put("/users/preferences", json!({ "locale": "en" })).await;
    let campaign = fixture.campaign_of(restaurant);
    fixture.announce(campaign.clone()).await;

    fixture.expand_for(1).await;

    let mut recorded = mails.take().await;
    recorded.sort_by_key(|mail| mail.to != address_of(diners[0]));
    let locales: Vec<Locale> = recorded.iter().map(|mail| mail.locale).collect();
    assert_eq!(locales, [Locale::Tr, Locale::En]);
    let MailMessage::Discount { title, description, offer } = &recorded[0].message else { panic!("{recorded:?}") };
    assert_eq!((title.as_str(), description.as_str()), ("Yaz indirimi", "Her şey yarı fiyatına"));
    let Offer { consent_at: agreed_at, .. } = offer;
    assert!(agreed_at.unwrap() <= consent_at);
    let expected = Offer {
        campaign_id: Some(campaign.campaign_id),
        restaurant_id: Some(restaurant),
        restaurant: Some("Çıpa".to_owned()),
        code: Some("YAZ50".to_owned()),
        ends_at: Some(campaign.ends_at),
        consent_at: *agreed_at,
    };
    assert_eq!(offer, &expected);
}

async fn two_replicas_mail_two_thousand_followers_once_each(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let diners = fixture.diners(2_000, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    let replica = User::new(fixture.replica().await.context, Settings::default());

    for second in 1..=60 {
        let (here, there) = tokio::join!(expand_campaigns(&fixture.user), expand_campaigns(&replica));
        here.unwrap();
        there.unwrap();
        fixture.mails_left(campaign, second, 50 * second.unsigned_abs()).await;
        fixture.clock.advance(Duration::from_secs(1));
    }

    let recorded = mails.take().await;
    assert_eq!(fixture.campaign(campaign).await.queued, 2_000);
    assert_eq!(addresses(&recorded), of(diners));
}

/// Drops `work` once it has waited more than `waits` times, as a crash does.
async fn crash_after<T>(waits: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (pin!(work), waits);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn a_crash_after_any_statement_leaves_nobody_out_and_mails_nobody_twice(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let diners = fixture.diners(320, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    let mut crashes = 0;

    while fixture.campaign(campaign).await.state != CampaignState::Ended {
        let mut waits = 0;
        loop {
            fixture.clock.advance(Duration::from_secs(10));
            if let Some(done) = crash_after(waits, expand_chunk(&fixture.user, campaign)).await {
                done.unwrap();
                break;
            }
            waits += 1;
            crashes += 1;
        }
    }

    assert!(crashes > 10, "{crashes}");
    assert_eq!(addresses(&mails.take().await), of(diners));
    assert_eq!(fixture.campaign(campaign).await.queued, 320);
}

async fn who_withdraws_between_two_chunks_is_not_mailed(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let mut diners = fixture.diners(150, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();
    let last = diners.pop().unwrap();

    fixture.client().user(last).put("/users/preferences", json!({ "commercial_mail": { "granted": false } })).await;
    fixture.expand_for(10).await;

    assert_eq!(addresses(&mails.take().await), of(diners));
    assert_eq!(fixture.campaign(campaign).await.without_consent, 1);
}

async fn favourites_of_before_are_followers_too(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    let diners = fixture.diners(450, restaurant).await;
    let before = "UPDATE user_favorite SET subject = NULL, created_at = '1970-01-01T00:00:00+00:00'";
    let tx = fixture.context.database.begin_write().await.unwrap();
    tx.execute_unprepared(before).await.unwrap();
    tx.commit().await.unwrap();
    fixture.announce(fixture.campaign_of(restaurant)).await;

    fixture.expand_for(20).await;

    assert_eq!(addresses(&mails.take().await), of(diners));
    assert!(store::favorite::list_unmatched(&fixture.context.database, 1).await.unwrap().is_empty());
}

async fn a_campaign_without_a_restaurant_is_skipped(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(3, restaurant).await;
    let legacy = contracts::CampaignAnnounced { campaign: None, ..announced(fixture.campaign_of(restaurant)) };

    fixture.hear(legacy).await;
    fixture.expand_for(3).await;

    assert_eq!(mails.take().await.len(), 0);
    assert!(store::campaign::list(&fixture.context.database, None, 1).await.unwrap().is_empty());
}
