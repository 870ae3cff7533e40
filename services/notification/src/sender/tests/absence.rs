//! A server that can't be reached.

use std::time::Duration;

use kit::{Status, on_every_database};
use testkit::SmtpSink;

use super::server_of;
use crate::actions;
use crate::fixture::{Fixture, TIMEOUT, server, settings, start, verification};
use crate::smtp::Health;
use crate::state::Notification;
use crate::store;
use crate::store::mail::State;

on_every_database! {
    Fixture:
    waiting_mails_are_counted_up_to_a_limit,
    mails_wait_while_the_server_is_away_and_leave_when_it_is_back,
    a_server_that_vanishes_while_all_is_quiet_is_noticed,
    a_mail_waits_for_the_key_that_sealed_it,
    what_waits_for_more_than_two_days_is_given_up_with_its_secrets,
}

async fn waiting_mails_are_counted_up_to_a_limit(fixture: Fixture) {
    let notification = fixture.with_server(1);
    for _ in 0..3 {
        fixture.ask_for(&notification, verification()).await;
    }

    let count = async |limit| store::mail::count_waiting(&fixture.context.database, limit).await.unwrap();

    assert_eq!((count(2).await, count(5).await), (2, 3));
}

async fn mails_wait_while_the_server_is_away_and_leave_when_it_is_back(fixture: Fixture) {
    let mut sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.go_down().await;
    let running = start(&notification);
    for _ in 0..5 {
        fixture.ask_for(&notification, verification()).await;
    }
    let mut health = server_of(&notification).health.subscribe();
    health.wait_for(|health| matches!(health, Health::Down(_))).await.unwrap();
    assert!(matches!(server_of(&notification).status(), Status::Degraded(_)));
    assert_eq!(fixture.states().await, [State::Pending; 5]);

    sink.come_back().await.unwrap();
    fixture.clock.advance(Duration::from_secs(25));

    sink.wait_for(5, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::Sent; 5]).await;
    assert!(
        fixture.mails().await.iter().all(|mail| mail.attempts == 1),
        "no try was counted while the server was away"
    );
    assert_eq!(server_of(&notification).status(), Status::Up);
    running.stop().await;
}

async fn a_server_that_vanishes_while_all_is_quiet_is_noticed(fixture: Fixture) {
    let mut sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    let mut health = server_of(&notification).health.subscribe();
    health.wait_for(|health| *health == Health::Up).await.unwrap();

    sink.go_down().await;
    fixture.clock.advance(Duration::from_secs(31));

    health.wait_for(|health| matches!(health, Health::Down(_))).await.unwrap();
    running.stop().await;
}

async fn a_mail_waits_for_the_key_that_sealed_it(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    fixture.ask_for(&fixture.with_server(sink.port()), verification()).await;

    let locked_out = Notification::new(fixture.with_another_key().await, &settings(server(sink.port()))).unwrap();
    let running = start(&locked_out);
    fixture.wait_until(|mails| mails[0].last_reply.is_some()).await;
    running.stop().await;
    assert_eq!(fixture.states().await, [State::Pending]);

    let running = start(&fixture.with_server(sink.port()));
    fixture.clock.advance(Duration::from_secs(10 * 60));
    fixture.wait_for_states(&[State::Sent]).await;
    running.stop().await;
}

async fn what_waits_for_more_than_two_days_is_given_up_with_its_secrets(fixture: Fixture) {
    let mut sink = SmtpSink::start().await.unwrap();
    sink.go_down().await;
    let notification = fixture.with_server(sink.port());
    fixture.ask_for(&notification, verification()).await;

    fixture.clock.advance(Duration::from_secs(2 * 24 * 60 * 60 + 1));
    actions::trim(&notification).await.unwrap();

    let row = &fixture.mails().await[0];
    assert_eq!((row.state, row.sealed_content.as_ref()), (State::Failed, None));

    fixture.clock.advance(Duration::from_secs(30 * 24 * 60 * 60 + 1));
    actions::trim(&notification).await.unwrap();

    assert!(fixture.mails().await.is_empty());
}
