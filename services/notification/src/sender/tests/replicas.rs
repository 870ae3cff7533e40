//! Two processes with senders on one database.

use std::sync::Arc;
use std::time::Duration;

use kit::on_every_database;
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};

use super::STEP;
use super::are_sent;
use crate::actions;
use crate::fixture::{Fixture, TIMEOUT, server, settings, start, verification};
use crate::settings::Settings;
use crate::state::Notification;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    two_processes_send_every_mail_once,
    what_a_dead_process_had_claimed_is_soon_sent_by_another_one,
    what_a_dead_process_had_claimed_keeps_its_place_while_it_waits,
    a_dead_process_is_missed_also_where_the_clock_is_set_back,
    what_a_dead_process_may_have_sent_is_soon_in_doubt,
    a_process_that_lives_keeps_what_it_claimed,
}

/// In which a process that is gone is missed, and what it had claimed is sent: long before its claim ends by itself.
const SOON: Duration = Duration::from_secs(90);
const NEVER: Duration = Duration::from_secs(600);

/// A second process on the same database.
async fn replica(fixture: &Fixture, settings: &Settings) -> Arc<Notification> {
    Notification::new(fixture.replica().await.context, settings).unwrap()
}

/// A mail whose sender has died with it: the mail server, and another process that has not begun.
async fn after_a_crash(fixture: &Fixture) -> (SmtpSink, Arc<Notification>) {
    let sink = SmtpSink::start().await.unwrap();
    let one = fixture.with_server(sink.port());
    let other = replica(fixture, &settings(server(sink.port()))).await;
    sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(NEVER));
    let running = start(&one);
    fixture.ask_for(&one, verification()).await;
    fixture.wait_for_states(&[State::Claimed]).await;
    running.crash().await;
    (sink, other)
}

async fn two_processes_send_every_mail_once(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { mails_per_recipient: 1_000, ..settings(server(sink.port())) };
    let (one, other) = (fixture.with_settings(&settings), replica(&fixture, &settings).await);
    for notification in [&one, &other] {
        actions::recover(notification).await.unwrap();
    }
    for _ in 0..40 {
        fixture.ask_for(&one, verification()).await;
    }

    let running = (start(&one), start(&other));
    // Senders keep to a pace.
    fixture.wait_while_time_passes(Duration::from_millis(10), are_sent).await;
    running.0.stop().await;
    running.1.stop().await;

    let mut sent: Vec<String> = sink.mails().iter().map(ReceivedMail::message_id).collect();
    sent.sort();
    let before = sent.len();
    sent.dedup();
    assert_eq!((before, sent.len()), (40, 40));
}

async fn what_a_dead_process_had_claimed_is_soon_sent_by_another_one(fixture: Fixture) {
    let (sink, other) = after_a_crash(&fixture).await;

    let (running, crashed_at) = (start(&other), fixture.context.now());
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() <= crashed_at + SOON, "it took until {}", fixture.context.now());
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (1, 0));
    running.stop().await;
}

/// Whoever is missed again and again would otherwise send what they held last, behind all that was recorded meanwhile.
async fn what_a_dead_process_had_claimed_keeps_its_place_while_it_waits(fixture: Fixture) {
    let (mut sink, other) = after_a_crash(&fixture).await;
    sink.go_down().await;

    let running = start(&other);
    let is_due = |mails: &[Mail]| mails[0].next_at.is_some_and(|at| at <= fixture.context.now());
    fixture.wait_while_time_passes(STEP, is_due).await;
    let due_at = fixture.mails().await[0].next_at;
    let later = fixture.context.now() + SOON;
    fixture.wait_while_time_passes(STEP, |_| fixture.context.now() >= later).await;

    assert_eq!(fixture.mails().await[0].next_at, due_at);
    running.stop().await;
}

async fn a_dead_process_is_missed_also_where_the_clock_is_set_back(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let one = fixture.with_server(sink.port());
    let other = replica(&fixture, &settings(server(sink.port()))).await;
    sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(NEVER));
    let running = start(&one);
    fixture.ask_for(&one, verification()).await;
    fixture.wait_for_states(&[State::Claimed]).await;
    let other = start(&other);
    // The other one has checked, and awaits its next check by the clock as it is.
    let checked_at = fixture.context.now() + Duration::from_secs(7);
    fixture.wait_while_time_passes(STEP, |_| fixture.context.now() >= checked_at).await;
    running.crash().await;

    fixture.clock.set_back(Duration::from_secs(60 * 60));
    let set_back_at = fixture.context.now();
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() <= set_back_at + SOON, "it took until {}", fixture.context.now());
    other.stop().await;
}

async fn what_a_dead_process_may_have_sent_is_soon_in_doubt(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let one = fixture.with_server(sink.port());
    let other = replica(&fixture, &settings(server(sink.port()))).await;
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(NEVER));
    let running = start(&one);
    fixture.ask_for(&one, verification()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::HandedOff]).await;
    running.crash().await;

    let (running, crashed_at) = (start(&other), fixture.context.now());
    let is_in_doubt = |mails: &[Mail]| mails[0].ambiguities == 1;
    fixture.wait_while_time_passes(STEP, is_in_doubt).await;

    assert!(fixture.context.now() <= crashed_at + SOON, "it took until {}", fixture.context.now());
    fixture.wait_while_time_passes(STEP, are_sent).await;
    assert_eq!(sink.mails().len(), 2);
    running.stop().await;
}

async fn a_process_that_lives_keeps_what_it_claimed(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let one = fixture.with_server(sink.port());
    let other = replica(&fixture, &settings(server(sink.port()))).await;
    for notification in [&one, &other] {
        actions::recover(notification).await.unwrap();
    }
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(NEVER));
    let running = start(&one);
    fixture.ask_for(&one, verification()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::HandedOff]).await;

    let (watching, begun) = (start(&other), fixture.context.now());
    // The answer to a message is waited for during a minute.
    let is_long_ago = |_: &[Mail]| fixture.context.now() > begun + Duration::from_secs(50);
    fixture.wait_while_time_passes(Duration::from_millis(250), is_long_ago).await;

    assert_eq!(fixture.states().await, [State::HandedOff]);
    assert_eq!(sink.mails().len(), 1);
    running.crash().await;
    watching.stop().await;
}
