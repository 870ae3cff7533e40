//! What is held back, and for how long.

use std::time::Duration;

use testkit::SmtpSink;

use crate::actions;
use crate::fixture::{Running, TIMEOUT, discount, on_every_database, server, settings, verification};
use crate::settings::Settings;
use crate::store::mail::State;

#[tokio::test]
async fn no_more_mails_leave_in_a_second_than_the_limit() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_settings(&Settings { mails_per_second: 2, ..settings(server(sink.port())) });
        let running = Running::start(&mailer);

        for _ in 0..4 {
            fixture.ask_for(&mailer, verification()).await;
        }
        sink.wait_for(2, TIMEOUT).await.unwrap();
        fixture.wait_until(|mails| mails.iter().any(|mail| mail.state == State::Claimed)).await;
        assert_eq!(sink.mails().len(), 2);
        fixture.clock.advance(Duration::from_secs(1));

        fixture.wait_for_states(&[State::Sent; 4]).await;
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn one_reader_gets_no_more_than_the_limit_in_an_hour() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_settings(&Settings { mails_per_recipient: 2, ..settings(server(sink.port())) });
        let running = Running::start(&mailer);
        for _ in 0..2 {
            fixture.ask_for(&mailer, verification()).await;
        }
        fixture.wait_for_states(&[State::Sent; 2]).await;

        fixture.ask_for(&mailer, verification()).await;
        fixture.wait_until(|mails| mails[2].last_reply.is_some()).await;
        assert_eq!(sink.mails().len(), 2);
        fixture.clock.advance(Duration::from_secs(60 * 60));

        fixture.wait_for_states(&[State::Sent; 3]).await;
        assert_eq!(fixture.mails().await[2].attempts, 1);
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn who_unsubscribed_gets_no_commercial_mail_but_every_other() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_server(sink.port());
        let token = mailer.unsubscribe_key.mint(&"ayse@example.com".parse().unwrap());
        actions::unsubscribe(&mailer, &token).await.unwrap();
        let running = Running::start(&mailer);

        fixture.ask_for(&mailer, discount()).await;
        fixture.ask_for(&mailer, verification()).await;

        fixture.wait_for_states(&[State::Suppressed, State::Sent]).await;
        assert_eq!(sink.mails().len(), 1);
        running.stop().await;
    })
    .await;
}
