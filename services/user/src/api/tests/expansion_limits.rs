//! When a campaign mails nobody, or not yet: its pace, the hours, its end, and what somebody got already.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::TimeDelta;
use clock::Timestamp;
use contracts::{AnnouncedCampaign, EmailEvent};
use kit::on_every_database;
use kit::testing::Recorded;

use crate::Settings;
use crate::actions::{campaigns, expand_chunk, trim};
use crate::fixture::Fixture;
use crate::model::{CampaignState, FavoriteKind};
use crate::state::User;
use crate::store;

on_every_database! {
    Fixture:
    campaigns_go_on_as_fast_as_their_mails_leave,
    a_pace_of_several_chunks_a_second_is_kept,
    a_campaign_waits_for_its_mails_to_leave,
    mails_of_which_nothing_is_heard_hold_a_campaign_up_for_a_while_only,
    campaigns_take_turns,
    nobody_is_mailed_at_night,
    nobody_is_mailed_so_late_that_it_would_be_night,
    who_was_not_mailed_before_the_end_is_counted,
    a_campaign_that_stands_counts_the_rest_at_its_end_and_mails_nobody,
    nobody_hears_of_a_restaurant_twice_in_three_days,
    nobody_is_mailed_more_than_twice_on_a_day,
}

async fn campaigns_go_on_as_fast_as_their_mails_leave(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    fixture.diners(1_500, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    let mut seconds = 0;
    while fixture.campaign(campaign).await.state != CampaignState::Ended {
        fixture.expand_for(1).await;
        seconds += 1;
        fixture.mails_left(campaign, seconds, 50 * seconds.unsigned_abs()).await;
        let queued = fixture.campaign(campaign).await.queued;
        assert!(queued <= 50 * seconds + 550, "{queued} mails in {seconds} seconds");
        assert!(seconds < 60, "{queued} mails in {seconds} seconds");
    }

    assert!(seconds >= 18, "fifty in a second, but for the last chunk: {seconds}");
}

/// Nobody looks more often than once a second what is due.
async fn a_pace_of_several_chunks_a_second_is_kept(mut fixture: Fixture) {
    let settings = Settings { commercial_mails_per_second: NonZeroU32::new(1_000).unwrap() };
    fixture.user = User::new(fixture.context.clone(), settings);
    let restaurant = fixture.new_restaurant();
    fixture.diners(3_000, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    let mut seconds = 0;
    while fixture.campaign(campaign).await.state != CampaignState::Ended {
        fixture.expand_for(1).await;
        seconds += 1;
        let queued = fixture.campaign(campaign).await.queued;
        assert!(queued <= 1_000 * seconds + 550, "{queued} mails in {seconds} seconds");
        assert!(seconds <= 5, "{queued} mails in {seconds} seconds");
    }
}

async fn a_campaign_waits_for_its_mails_to_leave(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    fixture.diners(2_000, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    for second in 1..=60 {
        fixture.expand_for(1).await;
        fixture.mails_left(campaign, second, 10 * second.unsigned_abs()).await;
        let under_way = fixture.campaign(campaign).await.mails_under_way();
        assert!(under_way <= 1_000, "{under_way} mails in {second} seconds");
    }

    let queued = fixture.campaign(campaign).await.queued;
    assert!(queued >= 1_000, "it goes on as they leave: {queued}");
}

async fn mails_of_which_nothing_is_heard_hold_a_campaign_up_for_a_while_only(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    fixture.diners(1_700, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    fixture.expand_for(25).await;
    let at_first = fixture.campaign(campaign).await.queued;
    fixture.expand_for(100).await;

    assert!((501..=1_000).contains(&at_first), "{at_first}");
    assert_eq!(fixture.campaign(campaign).await.queued, 1_700);
}

async fn campaigns_take_turns(fixture: Fixture) {
    let (here, there) = (fixture.new_restaurant(), fixture.new_restaurant());
    fixture.diners(1_200, here).await;
    fixture.diners(1_200, there).await;
    let first = fixture.announce(fixture.campaign_of(here)).await;
    let second = fixture.announce(fixture.campaign_of(there)).await;

    for _ in 0..25 {
        fixture.expand_for(1).await;
        let (first, second) = (fixture.campaign(first).await.queued, fixture.campaign(second).await.queued);
        assert!((first - second).abs() <= 500, "{first} and {second}");
    }

    assert!(fixture.campaign(second).await.queued > 300);
}

async fn nobody_is_mailed_at_night(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(3, restaurant).await;
    // Nine in the evening in Istanbul.
    fixture.clock.advance(Duration::from_secs(6 * 3_600));
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    fixture.expand_for(3).await;

    let next_at = fixture.campaign(campaign).await.next_at.unwrap();
    let opening: Timestamp = "2026-03-03T06:00:00Z".parse().unwrap();
    assert!(next_at >= opening && next_at < opening + TimeDelta::minutes(30), "{next_at}");
    assert_eq!(mails.take().await.len(), 0);
    fixture.clock.advance((next_at - fixture.context.now()).to_std().unwrap());
    fixture.expand_for(1).await;
    assert_eq!(mails.take().await.len(), 3);
}

async fn nobody_is_mailed_so_late_that_it_would_be_night(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    fixture.diners(3, restaurant).await;
    // Five to nine in the evening in Istanbul.
    fixture.clock.advance(Duration::from_secs(6 * 3_600 - 5 * 60));
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;

    fixture.expand_for(3).await;

    let waiting = fixture.campaign(campaign).await;
    let opening: Timestamp = "2026-03-03T06:00:00Z".parse().unwrap();
    assert_eq!(waiting.queued, 0);
    assert!(waiting.next_at >= Some(opening), "{waiting:?}");
}

async fn who_was_not_mailed_before_the_end_is_counted(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(800, restaurant).await;
    let campaign = fixture.announce(fixture.campaign_of(restaurant)).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();

    fixture.clock.advance(Duration::from_secs(15 * 24 * 3_600));
    fixture.expand_for(3).await;

    let ended = fixture.campaign(campaign).await;
    assert_eq!((ended.state, ended.queued, ended.dropped), (CampaignState::Ended, 100, 700));
    assert_eq!(mails.take().await.len(), 100);
}

async fn a_campaign_that_stands_counts_the_rest_at_its_end_and_mails_nobody(fixture: Fixture) {
    let mails = Recorded::<EmailEvent>::of(&fixture.context).await;
    let restaurant = fixture.new_restaurant();
    fixture.diners(800, restaurant).await;
    let announced = fixture.campaign_of(restaurant);
    let ends_at = announced.ends_at + TimeDelta::days(2);
    let campaign = fixture.announce(announced.clone()).await;
    expand_chunk(&fixture.user, campaign).await.unwrap();
    campaigns::pause(&fixture.context.database, campaign).await.unwrap();

    fixture.announce(AnnouncedCampaign { version: 2, ends_at, ..announced }).await;
    fixture.clock.advance(Duration::from_secs(15 * 24 * 3_600));
    fixture.expand_for(3).await;
    let standing = fixture.campaign(campaign).await;
    fixture.clock.advance(Duration::from_secs(24 * 3_600));
    fixture.expand_for(3).await;

    assert_eq!((standing.state, standing.dropped), (CampaignState::Paused, 0));
    let ended = fixture.campaign(campaign).await;
    assert_eq!((ended.state, ended.queued, ended.dropped), (CampaignState::Ended, 100, 700));
    assert_eq!(ended.shown_state(), (CampaignState::Ended, None));
    assert_eq!(mails.take().await.len(), 100);
}

async fn nobody_hears_of_a_restaurant_twice_in_three_days(fixture: Fixture) {
    let restaurant = fixture.new_restaurant();
    fixture.diners(2, restaurant).await;
    fixture.announce(fixture.campaign_of(restaurant)).await;
    fixture.expand_for(1).await;

    let soon = fixture.announce(fixture.campaign_of(restaurant)).await;
    fixture.expand_for(1).await;
    fixture.clock.advance(Duration::from_secs(3 * 24 * 3_600));
    trim(&fixture.user).await.unwrap();
    let later = fixture.announce(fixture.campaign_of(restaurant)).await;
    fixture.expand_for(1).await;

    let (soon, later) = (fixture.campaign(soon).await, fixture.campaign(later).await);
    assert_eq!((soon.queued, soon.capped), (0, 2));
    assert_eq!((later.queued, later.capped), (2, 0));
}

async fn nobody_is_mailed_more_than_twice_on_a_day(fixture: Fixture) {
    let tx = fixture.context.database.begin_write().await.unwrap();
    let diner = fixture.diner(&tx).await;
    let cuisine = "izgara köfte".parse().unwrap();
    store::favorite::insert(&tx, diner, FavoriteKind::Cuisine, cuisine).await.unwrap();
    tx.commit().await.unwrap();
    let mut campaigns = Vec::new();
    for _ in 0..3 {
        campaigns.push(fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await);
    }
    fixture.expand_for(4).await;

    fixture.clock.advance(Duration::from_secs(24 * 3_600));
    campaigns.push(fixture.announce(fixture.campaign_of(fixture.new_restaurant())).await);
    fixture.expand_for(2).await;

    let mut reached = Vec::new();
    for campaign in campaigns {
        let campaign = fixture.campaign(campaign).await;
        reached.push((campaign.queued, campaign.capped));
    }
    assert_eq!(reached, [(1, 0), (1, 0), (0, 1), (1, 0)]);
}
