//! Sign-in limits: guesses are counted before they cost anything, and an owner is never locked out by a stranger.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::json;
use testkit::Server;
use tokio::task::JoinSet;

use crate::support::server::hashes;
use crate::support::{Answer, Diner, PROGRAM, Platform, built, http_client, in_every_size, run_program};

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
    in_every_size(async |platform| {
        let (owner, _) = Diner::signed_up(&platform, "ayse@example.com").await;
        let new_device = owner.elsewhere("198.51.100.66");
        let wrong = json!({ "email": owner.email, "password": "yanlış parola" });

        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(new_device.post("/auth/login", wrong.clone()).await.status, StatusCode::BAD_REQUEST);
            }
            owner.elsewhere("198.51.100.66").login().await.tokens();
        }
    })
    .await;
}

#[tokio::test]
async fn the_counts_of_the_served_platform_show_that_only_the_quota_was_hashed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::new(Path::new(PROGRAM), &data, &[("TRUSTED_PROXIES", "127.0.0.1/32")]).unwrap();
    server.start().await.unwrap();
    let create = ["admin", "create", "ayse@example.com", "--password-stdin"];
    assert_eq!(run_program(&data, &create, "gizli deniz feneri 42\n").await.code, Some(0));
    let owner = built(Client::builder().cookie_store(true));
    assert_eq!(log_in(&server, &owner, "203.0.113.7", "gizli deniz feneri 42").await, StatusCode::OK);
    let before = hashes(&server).await;

    let mut guesses = JoinSet::new();
    let guesser = http_client();
    for _ in 0..200 {
        let guess = guesser.post(server.url("/auth/login")).header("x-forwarded-for", "198.51.100.66");
        let body = json!({ "email": "ayse@example.com", "password": "tahmin ediyorum" });
        guesses.spawn(async move { guess.json(&body).send().await.unwrap().status() });
    }
    let answers = guesses.join_all().await;

    let times = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((times(StatusCode::BAD_REQUEST), times(StatusCode::TOO_MANY_REQUESTS)), (5, 195));
    assert_eq!(hashes(&server).await - before, 5);
    assert_eq!(log_in(&server, &owner, "203.0.113.7", "gizli deniz feneri 42").await, StatusCode::OK);
}

async fn log_in(server: &Server, client: &Client, network: &str, password: &str) -> StatusCode {
    let body = json!({ "email": "ayse@example.com", "password": password });
    let login = client.post(server.url("/auth/login")).header("x-forwarded-for", network).json(&body);
    login.send().await.unwrap().status()
}

async fn in_parallel(times: usize, diner: &Diner) -> Vec<Answer> {
    let mut logins = JoinSet::new();
    for _ in 0..times {
        let diner = diner.clone();
        logins.spawn(async move { diner.login().await });
    }
    logins.join_all().await
}
