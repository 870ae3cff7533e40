use kit::on_every_database;
use serde_json::json;
use std::time::Duration;

use crate::fixture::{Ask, Fixture, Held, PASSWORD};

on_every_database! {
    Fixture:
    parallel_guesses_get_exactly_the_quota_and_the_owners_device_still_gets_in,
    an_address_without_an_account_is_limited_alike,
    success_gives_the_attempt_back_and_clears_the_pair,
    the_window_slides,
    many_networks_together_get_four_times_the_quota,
    a_forged_device_cookie_is_a_stranger,
    an_account_is_notified_of_the_same_thing_ten_times_a_day,
}

fn login(password: &str) -> Ask {
    Ask::post("/auth/login", json!({"email": "ayse@example.com", "password": password}))
}

/// Statuses of `count` wrong guesses at once from `address`: how many were 400 and how many 429.
async fn storm(fixture: &Fixture, count: usize, address: &str) -> (usize, usize) {
    let guesses = (0..count).map(|guess| fixture.ask(login(&format!("tahmin {guess}")).from(address)));
    let answers = futures_util::future::join_all(guesses).await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert!(answers.iter().all(|answer| answer.status != 429 || answer.headers.contains_key("retry-after")));
    (with(400), with(429))
}

async fn parallel_guesses_get_exactly_the_quota_and_the_owners_device_still_gets_in(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    let (hashed, refused) = storm(&fixture, 200, "203.0.113.9").await;
    let stranger = fixture.ask(login(PASSWORD).from("203.0.113.77")).await;
    let owner = fixture.ask(login(PASSWORD).from("203.0.113.9").cookie(held.cookie.as_deref().unwrap())).await;

    assert_eq!((hashed, refused), (5, 195));
    assert_eq!((stranger.status, stranger.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(stranger.headers["retry-after"], "900");
    assert_eq!(owner.status, 200);
    let guesses = fixture.events(&held.access).await.iter().filter(|kind| *kind == "login_refused").count();
    assert_eq!(guesses, 5, "each hash leaves an event");
}

async fn an_address_without_an_account_is_limited_alike(fixture: Fixture) {
    assert_eq!(storm(&fixture, 20, "203.0.113.9").await, (5, 15));
}

async fn success_gives_the_attempt_back_and_clears_the_pair(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;

    for _ in 0..4 {
        let (hashed, _) = storm(&fixture, 4, "203.0.113.9").await;
        let right = fixture.ask(login(PASSWORD).from("203.0.113.9")).await;

        assert_eq!((hashed, right.status), (4, 200));
    }
}

async fn the_window_slides(fixture: Fixture) {
    fixture.sign_up("ayse@example.com").await;
    storm(&fixture, 5, "203.0.113.9").await;

    fixture.clock.advance(Duration::from_secs(15 * 60 - 1));
    let early = fixture.ask(login(PASSWORD).from("203.0.113.9")).await.status;
    fixture.clock.advance(Duration::from_secs(1));
    let late = fixture.ask(login(PASSWORD).from("203.0.113.9")).await.status;

    assert_eq!((early, late), (429, 200));
}

async fn many_networks_together_get_four_times_the_quota(fixture: Fixture) {
    let mut hashed = 0;
    for network in 0..6 {
        hashed += storm(&fixture, 5, &format!("203.0.{network}.9")).await.0;
    }

    assert_eq!(hashed, 20);
}

async fn a_forged_device_cookie_is_a_stranger(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    storm(&fixture, 5, "203.0.113.9").await;
    let mut forged = held.cookie.unwrap();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });

    let answer = fixture.ask(login(PASSWORD).from("203.0.113.9").cookie(&forged)).await;

    assert_eq!(answer.status, 429);
}

async fn an_account_is_notified_of_the_same_thing_ten_times_a_day(fixture: Fixture) {
    let mut held = fixture.sign_up("ayse@example.com").await;
    let notices = async || fixture.mails().await.iter().map(|mail| mail.message.kind()).collect::<Vec<_>>();
    let other = "kırmızı vapur 7";
    let at_first = notices().await;

    // The first device counts, and nobody is notified of it.
    for _ in 0..11 {
        fixture.login("ayse@example.com", PASSWORD).await;
    }
    let of_devices = notices().await;
    for (current, new) in [(PASSWORD, other), (other, PASSWORD)].into_iter().cycle().take(12) {
        let body = json!({"current_password": current, "new_password": new});
        held = Held::by(&fixture.ask(Ask::post("/auth/change-password", body).bearer(&held.access)).await);
    }
    let of_passwords = notices().await;
    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    fixture.login("ayse@example.com", PASSWORD).await;

    assert_eq!(at_first, [""; 0]);
    assert_eq!(of_devices, ["new_device"; 9]);
    assert_eq!(of_passwords, ["password_changed"; 10]);
    assert_eq!(notices().await, ["new_device"]);
}
