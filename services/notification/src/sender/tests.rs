//! The senders against a real SMTP server that misbehaves.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::time::Duration;

use contracts::Secret;
use kit::Status;
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};

use super::Server;
use crate::fixture::{House, PATIENCE, Running, deliver, discount, event, server, settings, verification};
use crate::mailer::{Destination, Mailer};
use crate::settings::{Settings, Smtp, Tls, Transport};
use crate::store::mail::State;

const STEP: Duration = Duration::from_secs(20);

fn says(reply: &str) -> SmtpFault {
    SmtpFault::Says(reply.to_owned())
}

fn server_of(mailer: &Mailer) -> &Server {
    match &mailer.destination {
        Destination::Server(server) => server,
        Destination::Mailbox => unreachable!("these tests have a server"),
    }
}

fn bodies(mails: &[ReceivedMail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.raw.as_str()).collect()
}

#[tokio::test]
async fn a_mail_reaches_the_server_and_is_forgotten_here() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;

    let mails = sink.wait_for(1, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Sent]).await;
    let row = &house.mails().await[0];
    assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("posta@example.com", &["ayse@example.com".to_owned()][..]));
    assert_eq!(mails[0].header("Subject").unwrap(), "E-posta adresinizi doğrulayın");
    assert!(mails[0].text().contains("http://localhost:8080/auth/verify-email?token=tok-en"));
    assert_eq!(mails[0].message_id(), row.message_id);
    assert_eq!(mails[0].authenticated, None);
    assert_eq!((row.sealed_content.as_ref(), row.next_at, row.attempts), (None, None, 1));
    assert_eq!(server_of(&mailer).status(), Status::Up);
    running.stop().await;
}

#[tokio::test]
async fn a_temporary_refusal_at_any_phase_is_tried_again_with_the_same_bytes() {
    for phase in [SmtpPhase::Mail, SmtpPhase::Rcpt, SmtpPhase::Data, SmtpPhase::Dot] {
        let house = House::new().await;
        let sink = SmtpSink::start().await.unwrap();
        let mailer = house.with_server(sink.port());
        sink.once(phase, says("451 4.3.0 later"));
        let running = Running::start(&mailer);

        house.ask_for(&mailer, verification()).await;
        house.wait_for_states(&[State::Pending]).await;
        while house.mails().await[0].attempts == 0 {
            tokio::task::yield_now().await;
        }
        house.clock.advance(STEP);

        sink.wait_for(1, PATIENCE).await.unwrap();
        house.wait_for_states(&[State::Sent]).await;
        let row = &house.mails().await[0];
        assert_eq!((row.attempts, row.ambiguities), (2, 0), "{phase:?}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_permanent_refusal_is_recorded_and_never_tried_again() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, says("550 5.1.1 no such user"));
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;
    house.wait_for_states(&[State::Failed]).await;
    house.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
    house.ask_for(&mailer, verification()).await;

    house.wait_for_states(&[State::Failed, State::Sent]).await;
    let row = &house.mails().await[0];
    assert_eq!((row.attempts, row.sealed_content.as_ref()), (1, None));
    assert!(row.last_reply.as_ref().unwrap().contains("550"), "{row:?}");
    assert_eq!(sink.mails().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn mails_wait_while_the_server_is_away_and_leave_when_it_is_back() {
    let house = House::new().await;
    let mut sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.go_down().await;
    let running = Running::start(&mailer);
    for _ in 0..5 {
        house.ask_for(&mailer, verification()).await;
    }
    let mut health = server_of(&mailer).health.subscribe();
    health.wait_for(|health| matches!(health, super::Health::Down(_))).await.unwrap();
    assert!(matches!(server_of(&mailer).status(), Status::Degraded(_)));
    assert_eq!(house.states().await, [State::Pending; 5]);

    sink.come_back().await.unwrap();
    house.clock.advance(Duration::from_secs(25));

    sink.wait_for(5, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Sent; 5]).await;
    assert!(house.mails().await.iter().all(|mail| mail.attempts == 1), "no try was counted while the server was away");
    assert_eq!(server_of(&mailer).status(), Status::Up);
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_vanishes_while_all_is_quiet_is_noticed() {
    let house = House::new().await;
    let mut sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    let running = Running::start(&mailer);
    let mut health = server_of(&mailer).health.subscribe();
    health.wait_for(|health| *health == super::Health::Up).await.unwrap();

    sink.go_down().await;
    house.clock.advance(Duration::from_secs(31));

    health.wait_for(|health| matches!(health, super::Health::Down(_))).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_counted_and_a_transactional_mail_sent_once_more() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;
    sink.wait_for(1, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Pending]).await;
    house.clock.advance(STEP);

    let mails = sink.wait_for(2, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Sent]).await;
    assert_eq!(bodies(&mails)[0], bodies(&mails)[1], "its reader's program may see that they are one");
    assert_eq!(house.mails().await[0].ambiguities, 1);
    running.stop().await;
}

#[tokio::test]
async fn answers_lost_twice_leave_a_mail_ambiguous() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.always(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;
    sink.wait_for(1, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Pending]).await;
    house.clock.advance(STEP);

    house.wait_for_states(&[State::Ambiguous]).await;
    house.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!((sink.mails().len(), house.mails().await[0].ambiguities), (2, 2));
    running.stop().await;
}

#[tokio::test]
async fn commercial_mail_is_never_doubled() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = Running::start(&mailer);

    house.ask_for(&mailer, discount()).await;

    house.wait_for_states(&[State::Ambiguous]).await;
    assert_eq!((sink.mails().len(), house.mails().await[0].ambiguities), (1, 1));
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_never_answers_the_message_is_left_after_a_minute() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(Duration::from_secs(600)));
    let running = Running::start(&mailer);
    house.ask_for(&mailer, discount()).await;
    sink.wait_for(1, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::HandedOff]).await;

    house.clock.advance(Duration::from_secs(59));
    house.wait_for_states(&[State::HandedOff]).await;
    house.clock.advance(Duration::from_secs(1));

    house.wait_for_states(&[State::Ambiguous]).await;
    running.stop().await;
}

#[tokio::test]
async fn a_crash_between_the_message_and_its_answer_is_found_at_the_next_start() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(Duration::from_secs(600)));
    let running = Running::start(&mailer);
    house.ask_for(&mailer, verification()).await;
    sink.wait_for(1, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::HandedOff]).await;
    running.crash().await;

    let mailer = house.with_server(sink.port());
    let running = Running::start(&mailer);
    house.wait_for_states(&[State::Pending]).await;
    house.clock.advance(STEP);

    house.wait_for_states(&[State::Sent]).await;
    assert_eq!((sink.mails().len(), house.mails().await[0].ambiguities), (2, 1));
    running.stop().await;
}

#[tokio::test]
async fn a_crash_before_the_message_leaves_no_doubt() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
    let running = Running::start(&mailer);
    house.ask_for(&mailer, verification()).await;
    house.wait_for_states(&[State::Claimed]).await;
    running.crash().await;

    let mailer = house.with_server(sink.port());
    let running = Running::start(&mailer);

    house.wait_for_states(&[State::Sent]).await;
    assert_eq!((sink.mails().len(), house.mails().await[0].ambiguities), (1, 0));
    running.stop().await;
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_a_server_that_has_nothing_yet() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
    let running = Running::start(&mailer);
    house.ask_for(&mailer, verification()).await;
    house.wait_for_states(&[State::Claimed]).await;

    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();

    assert_eq!(house.states().await, [State::Pending]);
}

#[tokio::test]
async fn many_mails_share_few_connections_and_each_arrives_once() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { mails_per_recipient: 1000, ..settings(server(sink.port())) };
    let mailer = house.with_settings(&settings);
    let running = Running::start(&mailer);

    for _ in 0..100 {
        house.ask_for(&mailer, verification()).await;
    }

    let mails = sink.wait_for(100, PATIENCE).await.unwrap();
    house.wait_for_states(&[State::Sent; 100]).await;
    let mut ids: Vec<String> = mails.iter().map(ReceivedMail::message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
    assert_eq!(sink.mails().len(), 100);
    assert!(sink.connections() <= 4, "{} connections", sink.connections());
    running.stop().await;
}

#[tokio::test]
async fn two_processes_on_one_database_send_each_mail_once() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { mails_per_recipient: 1000, ..settings(server(sink.port())) };
    let (one, two) = (house.with_settings(&settings), house.with_settings(&settings));
    for _ in 0..40 {
        house.ask_for(&one, verification()).await;
    }

    let (one, two) = (Running::start(&one), Running::start(&two));

    house.wait_for_states(&[State::Sent; 40]).await;
    assert_eq!(sink.mails().len(), 40);
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_refused_recipient_does_not_spoil_the_next_mail_of_the_connection() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { connections: 1, ..settings(server(sink.port())) };
    let mailer = house.with_settings(&settings);
    sink.once(SmtpPhase::Rcpt, says("550 5.1.1 no such user"));
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;
    house.ask_for(&mailer, verification()).await;

    house.wait_for_states(&[State::Failed, State::Sent]).await;
    assert_eq!(sink.connections(), 1);
    running.stop().await;
}

#[tokio::test]
async fn no_more_mails_leave_in_a_second_than_the_limit() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_settings(&Settings { mails_per_second: 2, ..settings(server(sink.port())) });
    let running = Running::start(&mailer);

    for _ in 0..4 {
        house.ask_for(&mailer, verification()).await;
    }
    sink.wait_for(2, PATIENCE).await.unwrap();
    while !house.states().await.contains(&State::Claimed) {
        tokio::task::yield_now().await;
    }
    assert_eq!(sink.mails().len(), 2);
    house.clock.advance(Duration::from_secs(1));

    house.wait_for_states(&[State::Sent; 4]).await;
    running.stop().await;
}

#[tokio::test]
async fn one_reader_gets_no_more_than_the_limit_in_an_hour() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_settings(&Settings { mails_per_recipient: 2, ..settings(server(sink.port())) });
    let running = Running::start(&mailer);
    for _ in 0..2 {
        house.ask_for(&mailer, verification()).await;
    }
    house.wait_for_states(&[State::Sent; 2]).await;

    house.ask_for(&mailer, verification()).await;
    while house.mails().await[2].last_reply.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(sink.mails().len(), 2);
    house.clock.advance(Duration::from_secs(60 * 60));

    house.wait_for_states(&[State::Sent; 3]).await;
    assert_eq!(house.mails().await[2].attempts, 1);
    running.stop().await;
}

#[tokio::test]
async fn who_unsubscribed_gets_no_commercial_mail_but_every_other() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    let token = mailer.unsubscribe_key.mint(&"ayse@example.com".parse().unwrap());
    crate::actions::unsubscribe(&mailer, &token).await.unwrap();
    let running = Running::start(&mailer);

    house.ask_for(&mailer, discount()).await;
    house.ask_for(&mailer, verification()).await;

    house.wait_for_states(&[State::Suppressed, State::Sent]).await;
    assert_eq!(sink.mails().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_twice_is_one_mail() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let mailer = house.with_server(sink.port());
    let running = Running::start(&mailer);
    let id = house.context.sources.uuid();

    for _ in 0..2 {
        deliver(&mailer, id, event(verification())).await.unwrap();
    }
    house.ask_for(&mailer, discount()).await;

    house.wait_for_states(&[State::Sent; 2]).await;
    assert_eq!(sink.mails().len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn credentials_are_used_when_there_are_some() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let credentials = Some(("user".to_owned(), Secret::new("password")));
    let smtp = Smtp { host: "127.0.0.1".to_owned(), port: sink.port(), tls: Tls::None, credentials, ca_file: None };
    let mailer = house.with_settings(&settings(Transport::Smtp(smtp)));
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;

    let mails = sink.wait_for(1, PATIENCE).await.unwrap();
    assert_eq!(mails[0].authenticated.as_deref(), Some("PLAIN AHVzZXIAcGFzc3dvcmQ="));
    running.stop().await;
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_that_wants_it() {
    let house = House::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let smtp = Smtp { host: "localhost".to_owned(), port: sink.port(), tls: Tls::StartTls, credentials: None, ca_file: None };
    let mailer = house.with_settings(&settings(Transport::Smtp(smtp)));
    let running = Running::start(&mailer);

    house.ask_for(&mailer, verification()).await;
    let mut health = server_of(&mailer).health.subscribe();
    health.wait_for(|health| matches!(health, super::Health::Down(_))).await.unwrap();

    assert!(matches!(server_of(&mailer).status(), Status::Degraded(reason) if reason.contains("STARTTLS")));
    assert_eq!((sink.mails().len(), house.states().await), (0, vec![State::Pending]));
    running.stop().await;
}

#[tokio::test]
async fn what_waits_for_more_than_two_days_is_given_up_with_its_secrets() {
    let house = House::new().await;
    let mut sink = SmtpSink::start().await.unwrap();
    sink.go_down().await;
    let mailer = house.with_server(sink.port());
    house.ask_for(&mailer, verification()).await;

    house.clock.advance(Duration::from_secs(2 * 24 * 60 * 60 + 1));
    crate::actions::tidy(&mailer).await.unwrap();

    let row = &house.mails().await[0];
    assert_eq!((row.state, row.sealed_content.as_ref()), (State::Failed, None));

    house.clock.advance(Duration::from_secs(30 * 24 * 60 * 60 + 1));
    crate::actions::tidy(&mailer).await.unwrap();

    assert_eq!(house.mails().await, []);
}
