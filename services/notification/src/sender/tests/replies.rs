//! Servers that say unusual things.

use std::time::Duration;

use kit::{Status, on_every_database};
use testkit::{SmtpFault, SmtpPhase, SmtpSink};

use super::server_of;
use crate::fixture::{Fixture, TIMEOUT, server, settings, start, verification};
use crate::settings::Settings;
use crate::store::mail::State;

on_every_database! {
    Fixture:
    replies_that_are_no_utf_8_are_replies,
    a_server_that_refuses_our_sender_is_reported_and_costs_no_mail,
}

/// Longer than the first pause of a mail.
const STEP: Duration = Duration::from_secs(20);
const PHASES: [SmtpPhase; 4] = [SmtpPhase::Mail, SmtpPhase::Rcpt, SmtpPhase::Data, SmtpPhase::Dot];

fn says(reply: &str) -> SmtpFault {
    SmtpFault::Says(reply.to_owned())
}

async fn replies_that_are_no_utf_8_are_replies(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    sink.speak_turkish();
    let notification = fixture.with_server(sink.port());
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Sent]).await;
    sink.once(SmtpPhase::Rcpt, says("550 5.1.1"));
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Sent, State::Failed]).await;

    let mails = fixture.mails().await;
    assert_eq!((mails[0].attempts, mails[0].ambiguities, mails[1].attempts), (1, 0, 1));
    assert!(mails[1].last_reply.as_ref().unwrap().starts_with("550 5.1.1"), "{:?}", mails[1].last_reply);
    assert_eq!(sink.mails().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn replies_of_many_or_very_long_lines_are_replies() {
    let long = "x".repeat(20_000);
    for reply in [format!("550 5.1.1 {long}"), format!("550-5.1.1 no\r\n550-{long}\r\n550 such user")] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();
        let notification = fixture.with_server(sink.port());
        sink.once(SmtpPhase::Rcpt, SmtpFault::Says(reply));
        let running = start(&notification);

        fixture.ask_for(&notification, verification()).await;
        fixture.ask_for(&notification, verification()).await;

        fixture.wait_until(|mails| mails.iter().all(|mail| mail.finished_at.is_some())).await;
        let mut states = fixture.states().await;
        states.sort_by_key(|state| *state == State::Failed);
        assert_eq!(states, [State::Sent, State::Failed]);
        running.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_closes_at_any_phase_gets_the_mail_over_another_connection() {
    for phase in PHASES {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();
        let notification = fixture.with_settings(&Settings { connections: 1, ..settings(server(sink.port())) });
        sink.once(phase, says("421 4.3.2 shutting down"));
        let running = start(&notification);

        fixture.ask_for(&notification, verification()).await;
        fixture.wait_until(|mails| mails[0].attempts == 1 && mails[0].state == State::Pending).await;
        fixture.clock.advance(STEP);

        fixture.wait_for_states(&[State::Sent]).await;
        assert_eq!((sink.connections(), fixture.mails().await[0].ambiguities), (2, 0), "{phase:?}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_closes_before_any_mail_is_tried_again_and_mails_wait_untouched() {
    for phase in [SmtpPhase::Greeting, SmtpPhase::Hello] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();
        let notification = fixture.with_server(sink.port());
        for _ in 0..4 {
            sink.once(phase, says("421 4.3.2 too busy"));
        }
        fixture.ask_for(&notification, verification()).await;
        let running = start(&notification);

        fixture.wait_while_time_passes(super::STEP, super::are_sent).await;

        assert_eq!(fixture.mails().await[0].attempts, 1, "{phase:?}");
        running.stop().await;
    }
}

async fn a_server_that_refuses_our_sender_is_reported_and_costs_no_mail(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.always(SmtpPhase::Mail, says("530 5.7.0 Authentication required"));
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.wait_until(|mails| mails[0].attempts == 1 && mails[0].state == State::Pending).await;

    let Status::Degraded(reason) = server_of(&notification).status() else {
        panic!("nothing is said about the refusal")
    };
    assert!(reason.contains("at MAIL FROM: 530 5.7.0 Authentication required"), "{reason}");
    assert!(fixture.mails().await[0].sealed_content.is_some());
    sink.behave();
    fixture.clock.advance(Duration::from_secs(61));
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::Sent]).await;
    assert_eq!(server_of(&notification).status(), Status::Up);
    running.stop().await;
}
