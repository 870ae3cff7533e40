use std::time::Duration;

use futures_util::future::join;
use kit::on_every_database;
use serde_json::json;

use crate::actions::answer_mail_requests::{answer, answer_mail_requests};
use crate::fixture::{Ask, Fixture, PASSWORD};
use crate::store;
use crate::store::mail_request::KeptMailRequest;

on_every_database! {
    Fixture:
    an_answer_waits_for_one_row_which_is_as_long_for_a_known_address_as_for_an_unknown_one,
    what_a_process_claimed_that_died_is_answered_once_its_claim_has_ended,
    a_claim_by_a_clock_that_was_far_ahead_holds_nobody_up,
    replicas_that_answer_at_once_mail_once,
    a_request_whose_claim_ended_while_it_was_answered_mails_once,
    a_request_outlives_an_outage_of_the_ephemeral_store_and_keeps_no_other_waiting,
    what_could_not_be_mailed_for_a_day_is_given_up,
}

const PATHS: [&str; 2] = ["/auth/forgot-password", "/auth/resend-verification"];
const CLAIM_TTL: Duration = Duration::from_secs(10);

async fn ask(fixture: &Fixture, path: &str, email: &str) {
    fixture.a_moment_later();
    assert_eq!(fixture.ask(Ask::post(path, json!({ "email": email }))).await.status, 200);
}

/// What a process takes on that dies then.
async fn claim(fixture: &Fixture) -> Vec<KeptMailRequest> {
    let tx = fixture.auth.context.database.begin_read_committed().await.unwrap();
    let claimed = store::mail_request::claim(&tx, 10).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

/// A moment after a claim has ended.
fn later(fixture: &Fixture) {
    fixture.clock.advance(CLAIM_TTL + Duration::from_millis(1));
}

async fn kinds(fixture: &Fixture) -> Vec<&'static str> {
    fixture.mails().await.iter().map(|mail| mail.message.kind()).collect()
}

async fn an_answer_waits_for_one_row_which_is_as_long_for_a_known_address_as_for_an_unknown_one(fixture: Fixture) {
    let held = fixture.sign_up("knows@example.com").await;
    let events = async || fixture.ask(Ask::get("/auth/events").bearer(&held.access)).await.text;
    fixture.mails().await;
    let before = events().await;

    for path in PATHS {
        ask(&fixture, path, "knows@example.com").await;
        ask(&fixture, path, "other@example.com").await;
    }

    // Before what was only asked for is answered.
    assert_eq!((fixture.recorded_mails.take().await, events().await), (Vec::new(), before));
    let lengths: Vec<usize> = claim(&fixture).await.iter().map(|kept| kept.sealed.len()).collect();
    assert_eq!(lengths.len(), 4);
    assert_eq!((lengths[0], lengths[2]), (lengths[1], lengths[3]));
}

async fn what_a_process_claimed_that_died_is_answered_once_its_claim_has_ended(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.register("fatma@example.com", PASSWORD).await;
    fixture.mails().await;
    ask(&fixture, PATHS[0], "ayse@example.com").await;
    ask(&fixture, PATHS[1], "fatma@example.com").await;

    assert_eq!(claim(&fixture).await.len(), 2);
    let while_claimed = kinds(&fixture).await;
    later(&fixture);
    let afterwards = kinds(&fixture).await;
    later(&fixture);

    assert_eq!(while_claimed, [""; 0]);
    assert_eq!(afterwards, ["password_reset", "verification"]);
    assert_eq!(kinds(&fixture).await, [""; 0]);
    let asked = fixture.events(&held.access).await;
    assert_eq!(asked.iter().filter(|kind| *kind == "password_reset_asked").count(), 1);
}

async fn a_claim_by_a_clock_that_was_far_ahead_holds_nobody_up(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    ask(&fixture, PATHS[0], "ayse@example.com").await;

    let ahead = Fixture::over(fixture.replica_ahead(Duration::from_secs(60 * 60)).await).await;
    assert_eq!(claim(&ahead).await.len(), 1);

    assert_eq!(kinds(&fixture).await, ["password_reset"]);
}

async fn replicas_that_answer_at_once_mail_once(fixture: Fixture) {
    let replica = fixture.replica().await;
    fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    for _ in 0..3 {
        ask(&fixture, PATHS[0], "ayse@example.com").await;
    }

    let (one, other) = join(answer_mail_requests(&fixture.auth), answer_mail_requests(&replica.auth)).await;

    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(kinds(&fixture).await, ["password_reset"; 3]);
}

async fn a_request_whose_claim_ended_while_it_was_answered_mails_once(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    ask(&fixture, PATHS[0], "ayse@example.com").await;
    let slow = claim(&fixture).await;
    later(&fixture);
    fixture.answer_mail_requests().await;

    let again = answer(&fixture.auth, &slow[0]).await;

    assert!(again.is_ok(), "{again:?}");
    assert_eq!(kinds(&fixture).await, ["password_reset"]);
}

async fn a_request_outlives_an_outage_of_the_ephemeral_store_and_keeps_no_other_waiting(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    ask(&fixture, PATHS[0], "ayse@example.com").await;

    fixture.ephemeral.begin();
    let failed = answer_mail_requests(&fixture.auth).await;
    fixture.ephemeral.end();
    ask(&fixture, PATHS[1], "ayse@example.com").await;
    let at_once = kinds(&fixture).await;
    later(&fixture);

    assert!(failed.is_err());
    assert_eq!(at_once, ["already_registered"]);
    assert_eq!(kinds(&fixture).await, ["password_reset"]);
}

async fn what_could_not_be_mailed_for_a_day_is_given_up(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    fixture.mails().await;
    ask(&fixture, PATHS[0], "ayse@example.com").await;

    fixture.clock.advance(Duration::from_secs(24 * 60 * 60 + 1));
    let mails = kinds(&fixture).await;

    assert_eq!((mails.len(), claim(&fixture).await.len()), (0, 0));
}
