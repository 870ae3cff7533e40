//! Sign-in limits: guesses are counted before they cost anything, and an owner is never locked out by a stranger.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Answer, Diner, Platform};

#[tokio::test]
async fn parallel_guesses_get_exactly_the_quota() {
    let platform = Platform::start().await;
    let (owner, _) = Diner::signed_up(&platform, "ayse@example.com").await;
    let mut guesser = owner.elsewhere("198.51.100.66");
    guesser.password = "tahmin ediyorum".to_owned();
    let answers = in_parallel(200, &guesser).await;

    let (refused, limited): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == StatusCode::BAD_REQUEST);
    assert_eq!(refused.len(), 5);
    assert!(limited.iter().all(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS));
    assert!(limited.iter().all(|answer| answer.headers.contains_key("retry-after")));
    owner.login().await.tokens();
    platform.advance(Duration::from_secs(15 * 60));
    assert_eq!(guesser.login().await.status, StatusCode::BAD_REQUEST, "the window slides");
}

#[tokio::test]
async fn success_gives_the_attempt_back() {
    let platform = Platform::start().await;
    let (owner, _) = Diner::signed_up(&platform, "ayse@example.com").await;
    let new_device = owner.elsewhere("198.51.100.66");
    let wrong = json!({ "email": owner.email, "password": "yanlış parola" });

    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(new_device.post("/auth/login", wrong.clone()).await.status, StatusCode::BAD_REQUEST);
        }
        owner.elsewhere("198.51.100.66").login().await.tokens();
    }
}

async fn in_parallel(times: usize, diner: &Diner) -> Vec<Answer> {
    let mut logins = JoinSet::new();
    for _ in 0..times {
        let diner = diner.clone();
        logins.spawn(async move { diner.login().await });
    }
    logins.join_all().await
}
