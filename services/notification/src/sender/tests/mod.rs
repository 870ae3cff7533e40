//! The senders against a real SMTP server that misbehaves.

mod absence;
mod campaigns;
mod clocks;
mod domains;
mod hours;
mod lanes;
mod limits;
mod outage;
mod replicas;
mod replies;
mod security;
mod setbacks;
mod stops;
mod tallies;
mod unknown;

use std::time::Duration;

use contracts::MailClass;
use kit::testing::at_last;
use kit::{Status, on_every_database};
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};
use tokio_util::sync::CancellationToken;

use super::wake_senders;
use crate::actions::record_mail::record_mail;
use crate::fixture::{Fixture, TIMEOUT, deliver, discount, event, server, settings, start, verification};
use crate::settings::Settings;
use crate::smtp::Server;
use crate::state::{Destination, Notification};
use crate::store;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    a_mail_reaches_the_server_and_is_forgotten_here,
    a_shutdown_does_not_wait_for_a_server_that_has_nothing_yet,
    many_mails_share_few_connections_and_each_arrives_once,
    an_event_that_comes_twice_is_one_mail,
}

#[tokio::test]
async fn every_commit_with_a_new_mail_wakes_a_sender() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_server(1);
    let Destination::Server(server) = &notification.destination else { unreachable!("this test has a server") };
    let recorded = store::mail::announcements(&fixture.context.database, MailClass::Transactional);
    let record = async {
        let tx = fixture.context.database.begin_write().await.unwrap();
        record_mail(&notification, &tx, fixture.context.sources.uuid(), &event(verification())).await.unwrap();
        tx.commit().await.unwrap();
        server.woken(MailClass::Transactional).await;
    };

    let woken = tokio::time::timeout(TIMEOUT, async {
        tokio::select! {
            () = wake_senders(server.clone(), MailClass::Transactional, recorded, CancellationToken::new()) => false,
            () = record => true,
        }
    });

    assert_eq!(woken.await, Ok(true));
}

/// Slow enough for looks at a real server not to last long on this clock.
const STEP: Duration = Duration::from_millis(50);

impl Fixture {
    /// Returns when the mails stand in `states`.
    async fn wait_for_states(&self, states: &[State]) {
        self.wait_until(|mails| mails.iter().map(|mail| mail.state).eq(states.iter().copied())).await;
    }

    /// Returns when `is_so` of all mails, oldest first.
    async fn wait_until(&self, is_so: impl Fn(&[Mail]) -> bool) {
        at_last("the mails are as the test wants them", async || is_so(&self.mails().await).then_some(())).await;
    }

    /// Lets time pass, `step` at each poll of all mails, until it is so.
    async fn wait_while_time_passes(&self, step: Duration, is_so: impl Fn(&[Mail]) -> bool) {
        let poll = |mails: &[Mail]| {
            self.clock.advance(step);
            is_so(mails)
        };
        self.wait_until(poll).await;
    }
}

fn are_sent(mails: &[Mail]) -> bool {
    mails.iter().all(|mail| mail.state == State::Sent)
}

fn server_of(notification: &Notification) -> &Server {
    match &notification.destination {
        Destination::Server(server) => server,
        Destination::Mailbox => unreachable!("these tests have a server"),
    }
}

async fn a_mail_reaches_the_server_and_is_forgotten_here(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;

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
    assert_eq!(server_of(&notification).status(), Status::Up);
    running.stop().await;
}

async fn a_shutdown_does_not_wait_for_a_server_that_has_nothing_yet(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Claimed]).await;

    tokio::time::timeout(TIMEOUT, running.stop()).await.unwrap();

    assert_eq!(fixture.states().await, [State::Pending]);
}

async fn many_mails_share_few_connections_and_each_arrives_once(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { mails_per_recipient: 1000, ..settings(server(sink.port())) };
    let notification = fixture.with_settings(&settings);
    let running = start(&notification);

    for _ in 0..100 {
        fixture.ask_for(&notification, verification()).await;
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
}

async fn an_event_that_comes_twice_is_one_mail(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    let id = fixture.context.sources.uuid();

    for _ in 0..2 {
        deliver(&notification, id, event(verification())).await.unwrap();
    }
    fixture.ask_for(&notification, discount()).await;

    fixture.wait_for_states(&[State::Sent; 2]).await;
    assert_eq!(sink.mails().len(), 2);
    running.stop().await;
}
