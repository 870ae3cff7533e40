//! What becomes of a mail that the server does not simply take.

use std::time::Duration;

use kit::on_every_database;
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};

use crate::fixture::{Fixture, TIMEOUT, discount, server, settings, start, verification};
use crate::settings::Settings;
use crate::store::mail::State;

on_every_database! {
    Fixture:
    a_permanent_refusal_is_recorded_and_never_tried_again,
    a_refused_recipient_does_not_spoil_the_next_mail_of_the_connection,
    a_lost_answer_is_counted_and_a_transactional_mail_sent_once_more,
    answers_lost_twice_leave_a_mail_ambiguous,
    commercial_mail_is_never_doubled,
    a_server_that_never_answers_the_message_is_left_after_a_minute,
}

/// Longer than the first pause of a mail.
const STEP: Duration = Duration::from_secs(20);

fn says(reply: &str) -> SmtpFault {
    SmtpFault::Says(reply.to_owned())
}

fn bodies(mails: &[ReceivedMail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.raw.as_str()).collect()
}

#[tokio::test]
async fn a_temporary_refusal_at_any_phase_is_tried_again_with_the_same_bytes() {
    for phase in [SmtpPhase::Mail, SmtpPhase::Rcpt, SmtpPhase::Data, SmtpPhase::Dot] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start().await.unwrap();
        let notification = fixture.with_server(sink.port());
        sink.once(phase, says("451 4.3.0 later"));
        let running = start(&notification);

        fixture.ask_for(&notification, verification()).await;
        fixture.wait_for_states(&[State::Pending]).await;
        fixture.wait_until(|mails| mails[0].attempts == 1).await;
        fixture.clock.advance(STEP);

        sink.wait_for(1, TIMEOUT).await.unwrap();
        fixture.wait_for_states(&[State::Sent]).await;
        let row = &fixture.mails().await[0];
        assert_eq!((row.attempts, row.ambiguities), (2, 0), "{phase:?}");
        running.stop().await;
    }
}

async fn a_permanent_refusal_is_recorded_and_never_tried_again(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Rcpt, says("550 5.1.1 no such user"));
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Failed]).await;
    fixture.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_for_states(&[State::Failed, State::Sent]).await;
    let row = &fixture.mails().await[0];
    assert_eq!((row.attempts, row.sealed_content.as_ref()), (1, None));
    assert!(row.last_reply.as_ref().unwrap().contains("550"), "{row:?}");
    assert_eq!(sink.mails().len(), 1);
    running.stop().await;
}

async fn a_refused_recipient_does_not_spoil_the_next_mail_of_the_connection(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { connections: 1, ..settings(server(sink.port())) };
    let notification = fixture.with_settings(&settings);
    sink.once(SmtpPhase::Rcpt, says("550 5.1.1 no such user"));
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.ask_for(&notification, verification()).await;

    fixture.wait_for_states(&[State::Failed, State::Sent]).await;
    assert_eq!(sink.connections(), 1);
    running.stop().await;
}

async fn a_lost_answer_is_counted_and_a_transactional_mail_sent_once_more(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::Pending]).await;
    fixture.clock.advance(STEP);

    let mails = sink.wait_for(2, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::Sent]).await;
    assert_eq!(bodies(&mails)[0], bodies(&mails)[1], "its reader's program may see that they are one");
    assert_eq!(fixture.mails().await[0].ambiguities, 1);
    running.stop().await;
}

async fn answers_lost_twice_leave_a_mail_ambiguous(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.always(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::Pending]).await;
    fixture.clock.advance(STEP);

    fixture.wait_for_states(&[State::Ambiguous]).await;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (2, 2));
    running.stop().await;
}

async fn commercial_mail_is_never_doubled(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::HangsUp);
    let running = start(&notification);

    fixture.ask_for(&notification, discount()).await;

    fixture.wait_for_states(&[State::Ambiguous]).await;
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (1, 1));
    running.stop().await;
}

async fn a_server_that_never_answers_the_message_is_left_after_a_minute(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(Duration::from_secs(600)));
    let running = start(&notification);
    fixture.ask_for(&notification, discount()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::HandedOff]).await;

    fixture.clock.advance(Duration::from_secs(59));
    fixture.wait_for_states(&[State::HandedOff]).await;
    fixture.clock.advance(Duration::from_secs(1));

    fixture.wait_for_states(&[State::Ambiguous]).await;
    running.stop().await;
}

/// On SQLite, whose file belongs to one process: whatever stands claimed at its start was a dead one's.
#[tokio::test]
async fn a_crash_between_the_message_and_its_answer_is_found_at_the_next_start() {
    let fixture = Fixture::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.once(SmtpPhase::Dot, SmtpFault::Waits(Duration::from_secs(600)));
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    sink.wait_for(1, TIMEOUT).await.unwrap();
    fixture.wait_for_states(&[State::HandedOff]).await;
    running.crash().await;

    let notification = fixture.with_server(sink.port());
    let running = start(&notification);
    fixture.wait_for_states(&[State::Pending]).await;
    fixture.clock.advance(STEP);

    fixture.wait_for_states(&[State::Sent]).await;
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (2, 1));
    running.stop().await;
}

/// On SQLite, as above.
#[tokio::test]
async fn a_crash_before_the_message_leaves_no_doubt() {
    let fixture = Fixture::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.always(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Claimed]).await;
    running.crash().await;
    sink.behave();

    let notification = fixture.with_server(sink.port());
    let running = start(&notification);

    fixture.wait_for_states(&[State::Sent]).await;
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (1, 0));
    running.stop().await;
}
