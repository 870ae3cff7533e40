use kit::on_every_database;
use serde_json::json;
use std::time::Duration;

use crate::actions;
use crate::fixture::{Ask, Fixture, Held, PASSWORD};

const YEARS: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);

on_every_database! {
    Fixture:
    retries_of_the_parent_converge,
    an_ill_formed_idempotency_key_is_refused_and_costs_nothing,
    reuse_ends_the_whole_family_and_a_mail_says_so,
    parallel_refreshes_of_one_token_get_one_successor,
    a_wiped_store_signs_nobody_out,
    a_session_ends_when_it_lies_idle_or_is_half_a_year_old,
    a_session_may_lie_idle_for_as_long_as_the_settings_say,
    what_is_no_refresh_token_of_ours_is_refused,
    a_session_of_a_clock_that_was_hours_ahead_goes_on,
    what_a_session_began_with_under_a_clock_ahead_opens_nothing_after_its_end_when_that_time_comes,
    what_a_refresh_gave_under_a_clock_ahead_opens_nothing_after_its_sessions_end_when_that_time_comes,
    a_session_of_a_clock_that_was_years_ahead_is_over_when_it_is_set_right,
    an_end_that_was_published_years_ahead_is_remembered_as_long_as_any_other,
}

async fn retries_of_the_parent_converge(fixture: Fixture) {
    let first = fixture.sign_up("ayse@example.com").await;
    let retry = || Ask::post("/auth/refresh", json!({"refresh_token": first.refresh})).header("Idempotency-Key", "a1");

    let second = Held::by(&fixture.ask(retry()).await);
    fixture.clock.advance(Duration::from_secs(3 * 60 * 60));
    let same_attempt = Held::by(&fixture.ask(retry()).await);

    assert_eq!(second.refresh, same_attempt.refresh);
    assert_eq!(fixture.refresh(&same_attempt.refresh).await.status, 200);
}

async fn an_ill_formed_idempotency_key_is_refused_and_costs_nothing(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let refresh =
        |key: &str| Ask::post("/auth/refresh", json!({"refresh_token": held.refresh})).header("Idempotency-Key", key);

    for key in ["", "a b", &"k".repeat(256)] {
        let refused = fixture.ask(refresh(key)).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "INVALID_IDEMPOTENCY_KEY"), "{key:?}");
    }
    assert_eq!(fixture.ask(refresh("a1")).await.status, 200);
}

async fn reuse_ends_the_whole_family_and_a_mail_says_so(fixture: Fixture) {
    let stolen = fixture.sign_up("ayse@example.com").await;
    let second = Held::by(&fixture.refresh(&stolen.refresh).await);
    let third = Held::by(&fixture.refresh(&second.refresh).await);

    let thief = fixture.refresh(&stolen.refresh).await;

    assert_eq!((thief.status, thief.code().as_str()), (401, "INVALID_REFRESH_TOKEN"));
    assert_eq!(fixture.refresh(&third.refresh).await.status, 401);
    for held in [&stolen, &second, &third] {
        assert_eq!(fixture.status_of(&held.access).await, 401);
    }
    let kinds: Vec<_> = fixture.mails().await.iter().map(|mail| mail.message.kind()).collect();
    assert_eq!(kinds, ["session_revoked"]);
}

async fn parallel_refreshes_of_one_token_get_one_successor(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    let answers = futures_util::future::join_all((0..20).map(|_| fixture.refresh(&held.refresh))).await;

    let successor = Held::by(&answers[0]).refresh;
    assert!(answers.iter().all(|answer| Held::by(answer).refresh == successor));
    assert_eq!(fixture.refresh(&successor).await.status, 200);
}

async fn a_wiped_store_signs_nobody_out(fixture: Fixture) {
    let mut held = fixture.sign_up("ayse@example.com").await;

    for _ in 0..25 {
        let answer = fixture.refresh(&held.refresh).await;
        held = Held::by(&answer);
        let session = session_of(&held.access);
        fixture.ephemeral.lose(&format!("refresh:{session}")).await;
    }

    assert_eq!(fixture.refresh(&held.refresh).await.status, 200);
}

async fn a_session_ends_when_it_lies_idle_or_is_half_a_year_old(fixture: Fixture) {
    let day = Duration::from_secs(24 * 60 * 60);
    let idle = fixture.sign_up("idle@example.com").await;
    let mut busy = fixture.sign_up("busy@example.com").await;

    for _ in 0..7 {
        fixture.clock.advance(25 * day);
        busy = Held::by(&fixture.refresh(&busy.refresh).await);
    }
    let after_idling = fixture.refresh(&idle.refresh).await.status;
    fixture.clock.advance(5 * day);
    let after_half_a_year = fixture.refresh(&busy.refresh).await.status;

    assert_eq!((after_idling, after_half_a_year), (401, 401));
}

async fn a_session_may_lie_idle_for_as_long_as_the_settings_say(fixture: Fixture) {
    let month = Duration::from_secs(30 * 24 * 60 * 60);
    let held = fixture.sign_up("ayse@example.com").await;

    fixture.clock.advance(month - Duration::from_secs(1));
    let in_time = Held::by(&fixture.refresh(&held.refresh).await);
    fixture.clock.advance(month);
    let too_late = fixture.refresh(&in_time.refresh).await;

    assert_eq!((too_late.status, too_late.code().as_str()), (401, "INVALID_REFRESH_TOKEN"));
}

async fn a_session_of_a_clock_that_was_hours_ahead_goes_on(fixture: Fixture) {
    let ahead = Duration::from_secs(5 * 60 * 60);
    fixture.clock.advance(ahead);
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.clock.set_back(ahead);

    let by_token_of_then = fixture.status_of(&held.access).await;
    let refreshed = Held::by(&fixture.refresh(&held.refresh).await);

    assert_eq!((by_token_of_then, fixture.status_of(&refreshed.access).await), (401, 200));
}

async fn what_a_session_began_with_under_a_clock_ahead_opens_nothing_after_its_end_when_that_time_comes(
    fixture: Fixture,
) {
    fixture.sign_up("ayse@example.com").await;
    fixture.clock.advance(HOUR);
    let ahead = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    let living = fixture.sign_up("can@example.com").await;
    fixture.clock.set_back(HOUR);

    end_all(&fixture).await;

    assert_eq!(when_its_time_comes(&fixture, [&ahead, &living]).await, [401, 200]);
}

async fn what_a_refresh_gave_under_a_clock_ahead_opens_nothing_after_its_sessions_end_when_that_time_comes(
    fixture: Fixture,
) {
    let early = fixture.sign_up("ayse@example.com").await;
    fixture.clock.advance(HOUR);
    let ahead = Held::by(&fixture.refresh(&early.refresh).await);
    let living = fixture.sign_up("can@example.com").await;
    fixture.clock.set_back(HOUR);

    end_all(&fixture).await;

    assert_eq!(when_its_time_comes(&fixture, [&ahead, &living]).await, [401, 200]);
}

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn end_all(fixture: &Fixture) {
    let now = Held::by(&fixture.login("ayse@example.com", PASSWORD).await);
    fixture.ask(Ask::post("/auth/logout-all", json!({})).bearer(&now.access)).await;
}

/// What a process says of tokens that were minted an hour ahead, once it is as late: it starts then, and an end that was only
/// published for tokens of its own time is not in the feed any more.
async fn when_its_time_comes(fixture: &Fixture, held: [&Held; 2]) -> [u16; 2] {
    fixture.clock.advance(HOUR + Duration::from_secs(60));
    let restarted = fixture.replica().await;
    [restarted.status_of(&held[0].access).await, restarted.status_of(&held[1].access).await]
}

async fn a_session_of_a_clock_that_was_years_ahead_is_over_when_it_is_set_right(fixture: Fixture) {
    fixture.clock.advance(YEARS);
    let (with_state, without) = (fixture.sign_up("ayse@example.com").await, fixture.sign_up("can@example.com").await);
    fixture.mails().await;
    fixture.clock.set_back(YEARS);
    fixture.ephemeral.lose(&format!("refresh:{}", session_of(&without.access))).await;

    for held in [with_state, without] {
        assert_eq!(fixture.status_of(&held.access).await, 401);
        assert_eq!(fixture.refresh(&held.refresh).await.status, 401);
    }
    assert_eq!(fixture.mails().await, [], "nobody is told of a theft");
    assert_eq!(fixture.login("ayse@example.com", PASSWORD).await.status, 200);
}

async fn an_end_that_was_published_years_ahead_is_remembered_as_long_as_any_other(fixture: Fixture) {
    fixture.clock.advance(YEARS);
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    fixture.clock.set_back(YEARS);
    fixture.ephemeral.lose("feed:epoch").await;
    fixture.ephemeral.lose_feeds();

    actions::sweep::sweep(&fixture.auth).await.unwrap();
    let published = async || fixture.auth.guard.published().await.unwrap().len();
    let at_once = published().await;
    fixture.clock.advance(Duration::from_secs(60 * 60));

    assert_eq!((at_once, published().await), (1, 0));
}

async fn what_is_no_refresh_token_of_ours_is_refused(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    for token in ["", "x", "lzr1_AAAA", &held.access] {
        assert_eq!(fixture.refresh(token).await.code(), "INVALID_REFRESH_TOKEN", "{token}");
    }
    assert_eq!(fixture.status_of(&held.refresh).await, 401);
}

/// The session that an access token names.
pub(super) fn session_of(access: &str) -> String {
    let claims = access.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["sid"].as_str().unwrap().to_owned()
}
