//! Commercial mail stands in the way of no other.

use std::time::Duration;

use contracts::MailClass;
use kit::{Status, on_every_database};
use testkit::{ReceivedMail, SmtpFault, SmtpPhase, SmtpSink};

use super::server_of;
use crate::fixture::{Fixture, TIMEOUT, discount, event_to, server, settings, start, verification};
use crate::settings::Settings;
use crate::store;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    commercial_mail_has_half_of_the_connections_and_the_rest_are_free,
    over_one_connection_mail_that_somebody_waits_for_goes_first,
    no_more_commercial_mails_leave_in_a_second_than_their_limit_and_others_do,
    without_a_sender_identity_commercial_mail_waits_untouched,
    a_claim_finds_its_lane_by_an_index_of_its_own_however_much_waits_in_the_other,
}

fn claimed(mails: &[Mail], class: MailClass) -> usize {
    mails.iter().filter(|mail| mail.class() == class && mail.state == State::Claimed).count()
}

fn subjects(mails: &[ReceivedMail]) -> Vec<bool> {
    mails.iter().map(|mail| mail.header("List-Unsubscribe").is_some()).collect()
}

async fn commercial_mail_has_half_of_the_connections_and_the_rest_are_free(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    sink.always(SmtpPhase::Rcpt, SmtpFault::Waits(Duration::from_secs(600)));
    for number in 0..6 {
        fixture.ask_for_event(&notification, event_to(&format!("a@{number}.example.com"), discount())).await;
    }
    let running = start(&notification);
    fixture.wait_until(|mails| claimed(mails, MailClass::Commercial) == 2).await;

    for _ in 0..2 {
        fixture.ask_for(&notification, verification()).await;
    }

    fixture.wait_until(|mails| claimed(mails, MailClass::Transactional) == 2).await;
    assert_eq!(claimed(&fixture.mails().await, MailClass::Commercial), 2);
    running.crash().await;
}

async fn over_one_connection_mail_that_somebody_waits_for_goes_first(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_settings(&Settings { connections: 1, ..settings(server(sink.port())) });
    for _ in 0..3 {
        fixture.ask_for(&notification, discount()).await;
    }
    fixture.ask_for(&notification, verification()).await;

    let running = start(&notification);

    let mails = sink.wait_for(4, TIMEOUT).await.unwrap();
    assert_eq!(subjects(&mails), [false, true, true, true]);
    running.stop().await;
}

async fn no_more_commercial_mails_leave_in_a_second_than_their_limit_and_others_do(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { commercial_mails_per_second: 2, ..settings(server(sink.port())) };
    let notification = fixture.with_settings(&settings);
    for _ in 0..4 {
        fixture.ask_for(&notification, discount()).await;
    }
    let running = start(&notification);
    sink.wait_for(2, TIMEOUT).await.unwrap();

    for _ in 0..4 {
        fixture.ask_for(&notification, verification()).await;
    }

    let mails = sink.wait_for(6, TIMEOUT).await.unwrap();
    assert_eq!(subjects(&mails), [true, true, false, false, false, false]);
    fixture.clock.advance(Duration::from_secs(1));
    fixture.wait_for_states(&[State::Sent; 8]).await;
    running.stop().await;
}

async fn without_a_sender_identity_commercial_mail_waits_untouched(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let nobody = Settings { identity: None, ..settings(server(sink.port())) };
    let notification = fixture.with_settings(&nobody);
    let running = start(&notification);
    fixture.ask_for(&notification, discount()).await;
    fixture.ask_for(&notification, verification()).await;
    fixture.wait_for_states(&[State::Pending, State::Sent]).await;
    fixture
        .wait_while_time_passes(Duration::from_secs(1), |_| {
            matches!(server_of(&notification).status(), Status::Noted(_))
        })
        .await;
    running.stop().await;

    let running = start(&fixture.with_server(sink.port()));

    fixture.wait_for_states(&[State::Sent; 2]).await;
    assert_eq!(fixture.mails().await[0].attempts, 1);
    running.stop().await;
}

/// As a campaign leaves them to a database that has counted none of them yet.
const CAMPAIGN: [&str; 2] = [
    "INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, locale, subject, message_id, recorded_at, \
     state, attempts, ambiguities, next_at) SELECT gen_random_uuid(), gen_random_uuid(), 'discount', TRUE, n || '@example.com', \
     'tr', 's', 'm', now(), 'pending', 0, 0, '2026-03-02 11:00:00+00:00' FROM generate_series(1, 20000) AS numbers (n)",
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) \
     INSERT INTO notification_mail (id, event_id, kind, is_commercial, recipient, locale, subject, message_id, recorded_at, \
     state, attempts, ambiguities, next_at) SELECT randomblob(16), randomblob(16), 'discount', TRUE, n || '@example.com', \
     'tr', 's', 'm', '2026-03-02T11:00:00+00:00', 'pending', 0, 0, '2026-03-02T11:00:00+00:00' FROM numbers",
];

async fn a_claim_finds_its_lane_by_an_index_of_its_own_however_much_waits_in_the_other(fixture: Fixture) {
    let notification = fixture.with_server(1);
    for _ in 0..3 {
        fixture.ask_for(&notification, verification()).await;
    }
    let database = &fixture.context.database;
    let fits = usize::from(store::belongs_to_one_process(database));

    for analyze in [None, Some("ANALYZE notification_mail")] {
        if let Some(analyze) = analyze {
            store::execute(database, analyze).await.unwrap();
        }
        store::execute(database, CAMPAIGN[fits]).await.unwrap();

        let plan = store::mail::plan(database, MailClass::Transactional, fixture.context.now()).await.unwrap();

        assert!(plan.contains("notification_mail_due_transactional"), "{analyze:?}: {plan}");
    }
}
