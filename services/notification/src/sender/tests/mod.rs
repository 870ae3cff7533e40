//! The senders against a real SMTP server that misbehaves.

mod absence;
mod clocks;
mod limits;
mod outage;
mod replicas;
mod replies;
mod security;
mod setbacks;

use std::time::Duration;

use kit::Status;
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};

use crate::fixture::{Running, TIMEOUT, deliver, discount, event, on_every_database, server, settings, verification};
use crate::mailer::{Destination, Mailer};
use crate::settings::Settings;
use crate::smtp::Server;
use crate::store::mail::State;

/// Slow enough for looks at a real server not to last long on this clock.
const STEP: Duration = Duration::from_millis(50);

fn server_of(mailer: &Mailer) -> &Server {
    match &mailer.destination {
        Destination::Server(server) => server,
        Destination::Mailbox => unreachable!("these tests have a server"),
    }
}

#[tokio::test]
async fn a_mail_reaches_the_server_and_is_forgotten_here() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_server(sink.port());
        let running = Running::start(&mailer);

        fixture.ask_for(&mailer, verification()).await;

        let mails = sink.wait_for(1, TIMEOUT).await.unwrap();
        fixture.wait_for_states(&[State::Sent]).await;
        let row = &fixture.mails().await[0];
        assert_eq!(
            (mails[0].from.as_str(), mails[0].to.as_slice()),
            ("posta@example.com", &["ayse@example.com".to_owned()][..])
        );
        assert_eq!(mails[0].header("Subject").unwrap(), "E-posta adresinizi doğrulayın");
        assert!(mails[0].text().contains("http://localhost:8080/auth/verify-email?token=tok-en"));
        assert_eq!(mails[0].message_id(), row.message_id);
        assert_eq!(mails[0].authenticated, None);
        assert_eq!((row.sealed_content.as_ref(), row.next_at, row.attempts), (None, None, 1));
        assert_eq!(server_of(&mailer).status(), Status::Up);
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_server_that_has_nothing_yet() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_server(sink.port());
        sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
        let running = Running::start(&mailer);
        fixture.ask_for(&mailer, verification()).await;
        fixture.wait_for_states(&[State::Claimed]).await;

        tokio::time::timeout(TIMEOUT, running.stop()).await.unwrap();

        assert_eq!(fixture.states().await, [State::Pending]);
    })
    .await;
}

#[tokio::test]
async fn many_mails_share_few_connections_and_each_arrives_once() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let settings = Settings { mails_per_recipient: 1000, ..settings(server(sink.port())) };
        let mailer = fixture.with_settings(&settings);
        let running = Running::start(&mailer);

        for _ in 0..100 {
            fixture.ask_for(&mailer, verification()).await;
        }

        let mails = sink.wait_for(100, TIMEOUT).await.unwrap();
        fixture.wait_for_states(&[State::Sent; 100]).await;
        let mut ids: Vec<String> = mails.iter().map(ReceivedMail::message_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 100);
        assert_eq!(sink.mails().len(), 100);
        assert!(sink.connections() <= 4, "{} connections", sink.connections());
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_twice_is_one_mail() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let mailer = fixture.with_server(sink.port());
        let running = Running::start(&mailer);
        let id = fixture.context.sources.uuid();

        for _ in 0..2 {
            deliver(&mailer, id, event(verification())).await.unwrap();
        }
        fixture.ask_for(&mailer, discount()).await;

        fixture.wait_for_states(&[State::Sent; 2]).await;
        assert_eq!(sink.mails().len(), 2);
        running.stop().await;
    })
    .await;
}
