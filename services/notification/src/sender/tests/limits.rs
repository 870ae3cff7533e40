//! What is held back, and for how long.

use std::time::Duration;

use kit::on_every_database;
use testkit::SmtpSink;

use crate::actions;
use crate::fixture::{Fixture, TIMEOUT, discount, order_update, server, settings, start, verification};
use crate::settings::Settings;
use crate::store::mail::State;

on_every_database! {
    Fixture:
    no_more_mails_leave_in_a_second_than_the_limit,
    one_reader_gets_no_more_than_the_limit_in_an_hour,
    mails_of_orders_delay_no_other,
    who_unsubscribed_gets_no_commercial_mail_but_every_other,
}

async fn no_more_mails_leave_in_a_second_than_the_limit(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&Settings { mails_per_second: 2, ..settings(server(sink.port())) });
    let running = start(&notification);

    for _ in 0..4 {
        fixture.ask_for(&notification, verification()).await;
    }
    sink.wait_for(2, TIMEOUT).await.unwrap();
    fixture.wait_until(|mails| mails.iter().any(|mail| mail.state == State::Claimed)).await;
    assert_eq!(sink.mails().len(), 2);
    fixture.clock.advance(Duration::from_secs(1));

    fixture.wait_for_states(&[State::Sent; 4]).await;
    running.stop().await;
}

async fn one_reader_gets_no_more_than_the_limit_in_an_hour(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&Settings { mails_per_recipient: 2, ..settings(server(sink.port())) });
    let running = start(&notification);
    for _ in 0..2 {
        fixture.ask_for(&notification, verification()).await;
    }
    fixture.wait_for_states(&[State::Sent; 2]).await;

    fixture.ask_for(&notification, verification()).await;
    fixture.wait_until(|mails| mails[2].last_reply.is_some()).await;
    assert_eq!(sink.mails().len(), 2);
    fixture.clock.advance(Duration::from_secs(60 * 60));

    fixture.wait_for_states(&[State::Sent; 3]).await;
    assert_eq!(fixture.mails().await[2].attempts, 1);
    running.stop().await;
}

async fn mails_of_orders_delay_no_other(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&Settings { mails_per_recipient: 2, ..settings(server(sink.port())) });
    let running = start(&notification);
    for _ in 0..2 {
        fixture.ask_for(&notification, order_update()).await;
    }
    fixture.wait_for_states(&[State::Sent; 2]).await;
    fixture.ask_for(&notification, order_update()).await;
    fixture.wait_until(|mails| mails[2].last_reply.is_some()).await;

    fixture.ask_for(&notification, verification()).await;

    fixture.wait_until(|mails| mails[3].state == State::Sent).await;
    assert_eq!(sink.mails().len(), 3);
    running.stop().await;
}

async fn who_unsubscribed_gets_no_commercial_mail_but_every_other(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let token = notification.unsubscribe_key.mint(&"ayse@example.com".parse().unwrap());
    actions::unsubscribe(&notification, &token).await.unwrap();
    let running = start(&notification);

    fixture.ask_for(&notification, discount()).await;
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_for_states(&[State::Suppressed, State::Sent]).await;
    assert_eq!(sink.mails().len(), 1);
    running.stop().await;
}
