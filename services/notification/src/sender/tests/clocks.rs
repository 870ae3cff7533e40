//! Mails that wait while the clock is set.

use std::time::Duration;

use kit::on_every_database;
use testkit::{SmtpFault, SmtpPhase, SmtpSink};

use super::STEP;
use super::are_sent;
use crate::fixture::{Fixture, start, verification};

on_every_database! {
    Fixture:
    a_mail_that_waits_is_tried_when_the_clock_is_set_back,
    a_mail_recorded_by_a_clock_that_was_ahead_is_sent_by_the_next_process,
    a_mail_whose_try_lies_further_ahead_than_any_pause_is_sent_by_the_next_process,
}

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn a_mail_that_waits_is_tried_when_the_clock_is_set_back(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, SmtpFault::Says("451 4.3.0 later".to_owned()));
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_until(|mails| mails[0].attempts == 1).await;
    let failed_at = fixture.context.now();

    fixture.clock.set_back(HOUR);
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() < failed_at);
    running.stop().await;
}

async fn a_mail_recorded_by_a_clock_that_was_ahead_is_sent_by_the_next_process(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    fixture.ask_for(&notification, verification()).await;
    let recorded_at = fixture.context.now();

    fixture.clock.set_back(HOUR);
    let running = start(&notification);
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() < recorded_at);
    running.stop().await;
}

async fn a_mail_whose_try_lies_further_ahead_than_any_pause_is_sent_by_the_next_process(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    fixture.ask_for(&notification, verification()).await;
    fixture.clock.advance(24 * HOUR);
    sink.once(SmtpPhase::Rcpt, SmtpFault::Says("451 4.3.0 later".to_owned()));
    let running = start(&notification);
    fixture.wait_until(|mails| mails[0].attempts == 1).await;
    running.stop().await;
    let failed_at = fixture.context.now();

    fixture.clock.set_back(3 * HOUR);
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() < failed_at);
    running.stop().await;
}
