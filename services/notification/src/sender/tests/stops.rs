//! Campaigns that stand, go on, are ended or changed while their mails wait; and what is asked anew right before a mail leaves.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use contracts::{CampaignCounted, CampaignId, CampaignStateChanged, MailingState, Offer};
use kit::on_every_database;
use kit::testing::{Recorded, heard};
use testkit::SmtpSink;
use uuid::Uuid;

use crate::actions;
use crate::events::Listener;
use crate::fixture::{Fixture, TIMEOUT, event_to, offering, server, settings, start};
use crate::settings::Settings;
use crate::state::Notification;
use crate::store;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    mails_of_a_campaign_that_stands_wait_untouched_and_leave_when_it_goes_on,
    mails_of_a_campaign_that_was_ended_never_leave_and_are_counted_as_dropped,
    mails_that_come_after_the_end_of_their_campaign_never_leave,
    a_campaign_ends_when_it_was_heard_last_that_it_does,
    what_is_older_or_comes_twice_changes_nothing,
    what_stands_for_two_days_is_dropped_and_has_not_failed,
    a_campaign_that_ended_long_ago_is_forgotten,
    who_unsubscribes_while_a_mail_awaits_its_turn_does_not_get_it,
    a_campaign_that_is_paused_while_a_mail_awaits_its_turn_keeps_it,
    nobody_gets_more_than_two_mails_of_campaigns_on_a_day,
}

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn id_of(campaign: u128) -> CampaignId {
    CampaignId(Uuid::from_u128(campaign))
}

/// Asks for mails of `campaign` to so many readers.
async fn ask(fixture: &Fixture, notification: &Arc<Notification>, campaign: u128, readers: usize) {
    for number in 0..readers {
        let offer = Offer { campaign_id: Some(id_of(campaign)), ..Offer::default() };
        let event = event_to(&format!("reader{number}@{campaign}.example.com"), offering(offer));
        fixture.ask_for_event(notification, event).await;
    }
}

fn changed(fixture: &Fixture, version: i64, state: MailingState) -> CampaignStateChanged {
    let at = fixture.context.now();
    CampaignStateChanged { campaign_id: id_of(1), version, state, ends_at: at + 10 * DAY, at }
}

async fn hear(fixture: &Fixture, notification: &Arc<Notification>, changed: CampaignStateChanged) {
    let heard = heard(&fixture.context, changed);
    let listener = Listener::new(notification.clone());
    kit::testing::deliver(&fixture.context.database, &listener, &heard).await.unwrap();
}

fn count(mails: &[Mail], state: State) -> usize {
    mails.iter().filter(|mail| mail.state == state).count()
}

async fn mails_of_a_campaign_that_stands_wait_untouched_and_leave_when_it_goes_on(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    ask(&fixture, &notification, 1, 5).await;
    hear(&fixture, &notification, changed(&fixture, 1, MailingState::Paused)).await;
    ask(&fixture, &notification, 2, 1).await;

    let running = start(&notification);
    fixture.wait_until(|mails| count(mails, State::Sent) == 1).await;
    let later = fixture.context.now() + 3_000 * SECOND;
    fixture
        .wait_until(|mails| mails.iter().filter(|mail| mail.next_at.is_some_and(|at| at > later)).count() == 5)
        .await;
    hear(&fixture, &notification, changed(&fixture, 2, MailingState::Running)).await;

    fixture.wait_while_time_passes(SECOND, |mails| count(mails, State::Sent) == 6).await;
    assert!(fixture.context.now() < later, "they leave soon, and not when they are due by themselves");
    running.stop().await;
}

async fn mails_of_a_campaign_that_was_ended_never_leave_and_are_counted_as_dropped(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let published = Recorded::<CampaignCounted>::of(&fixture.context).await;
    ask(&fixture, &notification, 1, 3).await;
    hear(&fixture, &notification, changed(&fixture, 1, MailingState::Paused)).await;
    let running = start(&notification);
    let now = fixture.context.now();
    fixture.wait_until(|mails| mails.iter().all(|mail| mail.next_at.is_some_and(|at| at > now + SECOND))).await;

    hear(&fixture, &notification, changed(&fixture, 2, MailingState::Cancelled)).await;
    fixture.wait_while_time_passes(SECOND, |mails| mails.iter().all(|mail| mail.counted_at.is_some())).await;

    assert_eq!(fixture.states().await, [State::Dropped; 3]);
    assert!(fixture.mails().await.iter().all(|mail| mail.sealed_content.is_none()));
    assert!(sink.mails().is_empty());
    let counted = published.take().await.into_iter().last().unwrap();
    assert_eq!((counted.dropped, counted.failed), (3, 0));
    running.stop().await;
}

async fn mails_that_come_after_the_end_of_their_campaign_never_leave(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    for notification in [fixture.with_server(sink.port()), fixture.with_mailbox()] {
        let running = start(&notification);
        hear(&fixture, &notification, changed(&fixture, 1, MailingState::Cancelled)).await;

        let offer = Offer { campaign_id: Some(id_of(1)), ..Offer::default() };
        let reader = fixture.context.sources.uuid();
        fixture.ask_for_event(&notification, event_to(&format!("{reader}@example.com"), offering(offer))).await;

        fixture.wait_until(|mails| mails.iter().all(|mail| mail.state == State::Dropped)).await;
        running.stop().await;
    }
    assert!(sink.mails().is_empty());
}

async fn a_campaign_ends_when_it_was_heard_last_that_it_does(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    ask(&fixture, &notification, 1, 2).await;
    let ends_at = fixture.context.now() + 60 * SECOND;
    hear(&fixture, &notification, CampaignStateChanged { ends_at, ..changed(&fixture, 1, MailingState::Paused) }).await;
    fixture.clock.advance(60 * SECOND);

    let running = start(&notification);

    fixture.wait_for_states(&[State::Dropped; 2]).await;
    assert!(sink.mails().is_empty());
    running.stop().await;
}

async fn what_is_older_or_comes_twice_changes_nothing(fixture: Fixture) {
    use MailingState::{Cancelled, Paused, Running};
    let notification = fixture.with_mailbox();
    let state = async || store::campaign_state::find(&fixture.context.database, id_of(1)).await.unwrap().unwrap();

    for (version, said) in [(3, Running), (3, Running), (2, Paused), (1, Cancelled)] {
        hear(&fixture, &notification, changed(&fixture, version, said)).await;
    }
    let before = state().await;
    hear(&fixture, &notification, changed(&fixture, 4, Paused)).await;

    assert_eq!((before.version, before.state), (3, Running));
    assert_eq!((state().await.version, state().await.state), (4, Paused));
}

async fn what_stands_for_two_days_is_dropped_and_has_not_failed(fixture: Fixture) {
    let notification = fixture.with_server(1);
    ask(&fixture, &notification, 1, 2).await;
    ask(&fixture, &notification, 2, 1).await;
    hear(&fixture, &notification, changed(&fixture, 1, MailingState::Paused)).await;
    fixture.clock.advance(2 * DAY + SECOND);

    actions::trim(&notification).await.unwrap();

    assert_eq!(fixture.states().await, [State::Dropped, State::Dropped, State::Failed]);
}

async fn a_campaign_that_ended_long_ago_is_forgotten(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    hear(&fixture, &notification, changed(&fixture, 1, MailingState::Cancelled)).await;
    let is_kept = async || store::campaign_state::find(&fixture.context.database, id_of(1)).await.unwrap().is_some();

    fixture.clock.advance(40 * DAY);
    actions::trim(&notification).await.unwrap();
    let after_its_end = is_kept().await;
    fixture.clock.advance(SECOND);
    actions::trim(&notification).await.unwrap();

    assert!(after_its_end);
    assert!(!is_kept().await);
}

/// A sender with one mail of campaign 1 that has left and one that awaits its turn, which comes in a second.
async fn awaiting_its_turn(fixture: &Fixture, notification: &Arc<Notification>) {
    ask(fixture, notification, 1, 2).await;
    let is_claimed = |mails: &[Mail]| count(mails, State::Sent) == 1 && count(mails, State::Claimed) == 1;
    fixture.wait_until(is_claimed).await;
}

fn slow(sink: &SmtpSink) -> Settings {
    Settings { mails_per_second: 1, ..settings(server(sink.port())) }
}

async fn who_unsubscribes_while_a_mail_awaits_its_turn_does_not_get_it(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&slow(&sink));
    let running = start(&notification);
    awaiting_its_turn(&fixture, &notification).await;

    for mail in fixture.mails().await {
        let token = notification.unsubscribe_key.mint(&mail.recipient);
        actions::unsubscribe(&notification, &token).await.unwrap();
    }
    fixture.clock.advance(SECOND);

    fixture.wait_until(|mails| count(mails, State::Suppressed) == 1).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    assert_eq!((sink.mails().len(), count(&fixture.mails().await, State::Sent)), (1, 1));
    running.stop().await;
}

async fn a_campaign_that_is_paused_while_a_mail_awaits_its_turn_keeps_it(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&slow(&sink));
    let running = start(&notification);
    awaiting_its_turn(&fixture, &notification).await;

    hear(&fixture, &notification, changed(&fixture, 1, MailingState::Paused)).await;
    fixture.clock.advance(SECOND);

    fixture.wait_until(|mails| count(mails, State::Pending) == 1).await;
    assert_eq!(sink.mails().len(), 1);
    hear(&fixture, &notification, changed(&fixture, 2, MailingState::Running)).await;
    fixture.wait_while_time_passes(SECOND, |mails| count(mails, State::Sent) == 2).await;
    running.stop().await;
}

async fn nobody_gets_more_than_two_mails_of_campaigns_on_a_day(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    for campaign in 1..=4 {
        let offer = Offer { campaign_id: Some(id_of(campaign)), ..Offer::default() };
        fixture.ask_for_event(&notification, event_to("ayse@example.com", offering(offer))).await;
        fixture.wait_until(|mails| mails.iter().all(|mail| mail.last_reply.is_some())).await;
    }

    assert_eq!(fixture.states().await, [State::Sent, State::Sent, State::Pending, State::Pending]);
    let morning: Timestamp = "2026-03-03T06:00:00Z".parse().unwrap();
    for mail in &fixture.mails().await[2..] {
        let waits_until = mail.next_at.unwrap();
        assert!(waits_until >= morning && waits_until <= morning + 1_800 * SECOND, "{waits_until}");
    }
    fixture.clock.advance((morning - fixture.context.now()).to_std().unwrap() + 1_800 * SECOND);
    fixture.wait_for_states(&[State::Sent; 4]).await;
    running.stop().await;
}
