//! Commercial mail wakes nobody.

use std::time::Duration;

use clock::Timestamp;
use kit::on_every_database;
use testkit::SmtpSink;

use crate::fixture::{Fixture, discount, start, verification};
use crate::store::mail::State;

on_every_database! {
    Fixture:
    commercial_mail_of_the_night_waits_for_the_morning_and_no_other_does,
    what_is_left_of_a_day_waits_for_the_next_one,
}

/// From the noon at which the clock of tests stands.
const HOUR: Duration = Duration::from_secs(60 * 60);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn commercial_mail_of_the_night_waits_for_the_morning_and_no_other_does(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    fixture.clock.advance(9 * HOUR);

    fixture.ask_for(&notification, discount()).await;
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_for_states(&[State::Pending, State::Sent]).await;
    let waits_until = fixture.mails().await[0].next_at.unwrap();
    let morning = at("2026-03-03T06:00:00Z");
    assert!(waits_until >= morning && waits_until <= morning + HOUR / 2, "{waits_until}");
    fixture.clock.advance((waits_until - fixture.context.now()).to_std().unwrap());
    fixture.wait_for_states(&[State::Sent; 2]).await;
    running.stop().await;
}

async fn what_is_left_of_a_day_waits_for_the_next_one(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    fixture.ask_for(&notification, discount()).await;
    fixture.clock.advance(6 * HOUR);
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Pending, State::Sent]).await;

    fixture.clock.advance(12 * HOUR);

    fixture.wait_for_states(&[State::Sent; 2]).await;
    assert_eq!(sink.mails().len(), 2);
    running.stop().await;
}
