use std::time::Duration;

use serde_json::json;

use super::refresh::session_of;
use kit::on_every_database;

use crate::fixture::{Answer, Ask, Fixture, Held, PASSWORD};

on_every_database! {
    Fixture:
    a_repeat_within_a_minute_gets_the_same_session,
    a_link_that_a_clock_ahead_has_used_opens_nothing_once_the_clock_is_right,
    a_repeat_after_the_session_moved_on_is_refused,
    parallel_verifications_make_one_account_and_one_session,
    a_repeat_heals_what_a_crash_left_unpublished,
    a_mail_verifies_the_registration_that_caused_it,
    three_registrations_of_an_address_wait_and_the_oldest_leaves_first,
    a_resent_link_cancels_the_older_one_and_every_waiting_registration_gets_its_own,
    each_mail_takes_a_place_and_the_newest_registrations_come_first,
    a_registration_waits_for_a_day,
}

async fn verify(fixture: &Fixture, token: &str) -> Answer {
    fixture.ask(Ask::post("/auth/verify-email", json!({ "token": token }))).await
}

async fn a_repeat_within_a_minute_gets_the_same_session(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;

    let first = Held::by(&verify(&fixture, &token).await);
    fixture.clock.advance(Duration::from_secs(60));
    let repeated = verify(&fixture, &token).await;
    fixture.clock.advance(Duration::from_secs(1));
    let late = verify(&fixture, &token).await;

    assert_eq!(Held::by(&repeated).refresh, first.refresh);
    assert_eq!(repeated.cookie(), first.cookie);
    assert_eq!((late.status, late.code().as_str()), (400, "INVALID_TOKEN"));
    assert_eq!(fixture.users().await.len(), 1);
}

async fn a_link_that_a_clock_ahead_has_used_opens_nothing_once_the_clock_is_right(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;
    let first = Held::by(&verify(&fixture, &token).await);

    fixture.clock.set_back(Duration::from_secs(60));
    let by_a_slower_clock = verify(&fixture, &token).await;
    fixture.clock.set_back(Duration::from_secs(10 * 60 * 60));
    let set_right = verify(&fixture, &token).await;

    assert_eq!(Held::by(&by_a_slower_clock).refresh, first.refresh);
    assert_eq!((set_right.status, set_right.code().as_str()), (400, "INVALID_TOKEN"));
}

async fn a_repeat_after_the_session_moved_on_is_refused(fixture: Fixture) {
    let refreshed = fixture.register("refreshed@example.com", PASSWORD).await;
    let revoked = fixture.register("revoked@example.com", PASSWORD).await;
    let first = Held::by(&verify(&fixture, &refreshed).await);
    let second = Held::by(&verify(&fixture, &revoked).await);

    fixture.refresh(&first.refresh).await;
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&second.access)).await;

    assert_eq!(verify(&fixture, &refreshed).await.code(), "INVALID_TOKEN");
    assert_eq!(verify(&fixture, &revoked).await.code(), "INVALID_TOKEN");
    assert_eq!(fixture.refresh(&first.refresh).await.status, 200, "the session itself goes on");
}

async fn parallel_verifications_make_one_account_and_one_session(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;

    let answers = futures_util::future::join_all((0..20).map(|_| verify(&fixture, &token))).await;

    let first = Held::by(&answers[0]);
    assert!(answers.iter().all(|answer| Held::by(answer).refresh == first.refresh));
    assert_eq!(fixture.users().await.len(), 1);
}

async fn a_repeat_heals_what_a_crash_left_unpublished(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;
    let first = Held::by(&verify(&fixture, &token).await);
    let me = fixture.ask(Ask::get("/auth/me").bearer(&first.access)).await.json();
    let pending = format!("pending_user:{}", me["id"].as_str().unwrap());
    fixture.ephemeral.lose(&format!("refresh:{}", session_of(&first.access))).await;
    fixture.ephemeral.lose(&pending).await;

    let login = fixture.login("ayse@example.com", PASSWORD).await;
    let repeated = verify(&fixture, &token).await;

    assert_eq!(login.status, 200);
    assert_eq!(Held::by(&repeated).refresh, first.refresh);
    fixture.ephemeral.lose(&pending).await;
}

async fn a_mail_verifies_the_registration_that_caused_it(fixture: Fixture) {
    let owner = fixture.register("ayse@example.com", PASSWORD).await;
    let stranger = fixture.register("ayse@example.com", "yabancının parolası").await;

    let verified = verify(&fixture, &owner).await;
    let too_late = verify(&fixture, &stranger).await;

    assert_eq!(verified.status, 200);
    assert_eq!(too_late.code(), "INVALID_TOKEN");
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
    assert_eq!(fixture.login("ayse@example.com", "yabancının parolası").await.status, 400);
}

async fn three_registrations_of_an_address_wait_and_the_oldest_leaves_first(fixture: Fixture) {
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(fixture.register("ayse@example.com", PASSWORD).await);
        fixture.clock.advance(Duration::from_secs(6 * 60));
    }

    assert_eq!(verify(&fixture, &tokens[0]).await.code(), "INVALID_TOKEN");
    assert_eq!(verify(&fixture, &tokens[1]).await.status, 200);
}

async fn a_resent_link_cancels_the_older_one_and_every_waiting_registration_gets_its_own(fixture: Fixture) {
    let owner = fixture.register("ayse@example.com", PASSWORD).await;
    let stranger = fixture.register("ayse@example.com", "yabancının parolası").await;

    fixture.clock.advance(Duration::from_secs(15 * 60));
    fixture.ask(Ask::post("/auth/resend-verification", json!({"email": "ayse@example.com"}))).await;

    let resent: Vec<_> = fixture.mails().await.iter().map(|mail| serde_json::to_value(mail).unwrap()).collect();
    assert_eq!(resent.len(), 2);
    assert!(resent.iter().all(|mail| mail["variables"]["asked_at"].is_string()));
    for cancelled in [owner, stranger] {
        assert_eq!(verify(&fixture, &cancelled).await.code(), "INVALID_TOKEN");
    }
    let token = resent[0]["variables"]["token"].as_str().unwrap();
    assert_eq!(verify(&fixture, token).await.status, 200);
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
}

async fn each_mail_takes_a_place_and_the_newest_registrations_come_first(fixture: Fixture) {
    let resend = async || {
        let ask = Ask::post("/auth/resend-verification", json!({"email": "ayse@example.com"}));
        (fixture.ask(ask).await.status, fixture.mails().await.len())
    };
    let first = fixture.register("ayse@example.com", PASSWORD).await;
    fixture.register("ayse@example.com", PASSWORD).await;

    let one_place_is_left = resend().await;
    let none_is_left = resend().await;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let two_of_five_a_day_are_left = resend().await;
    fixture.clock.advance(Duration::from_secs(15 * 60));
    let none_is_left_today = resend().await;

    assert_eq!([one_place_is_left, none_is_left], [(200, 1), (429, 0)]);
    assert_eq!([two_of_five_a_day_are_left, none_is_left_today], [(200, 2), (429, 0)]);
    assert_eq!(verify(&fixture, &first).await.code(), "INVALID_TOKEN", "its newer link was mailed");
}

async fn a_registration_waits_for_a_day(fixture: Fixture) {
    let token = fixture.register("ayse@example.com", PASSWORD).await;

    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));

    assert_eq!(verify(&fixture, &token).await.code(), "INVALID_TOKEN");
}
