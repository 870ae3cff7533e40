//! Refresh tokens: a retry is forgiven, a theft is not.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use crate::support::{Diner, Platform, in_every_size};

#[tokio::test]
async fn a_lost_answer_is_retried_and_gets_the_same_successor() {
    in_every_size(async |platform| {
        let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;

        let first = diner.refresh(&tokens).await.tokens();
        platform.advance(Duration::from_secs(9));
        let second = diner.refresh(&tokens).await.tokens();

        assert_eq!(first.refresh, second.refresh);
        diner.refresh(&second).await.tokens();
    })
    .await;
}

#[tokio::test]
async fn a_retry_with_its_key_converges_however_late() {
    in_every_size(async |platform| {
        let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;

        let first = diner.refresh_with_key(&tokens, "attempt-1").await.tokens();
        platform.advance(Duration::from_secs(6 * 3600));
        let second = diner.refresh_with_key(&tokens, "attempt-1").await.tokens();

        assert_eq!(first.refresh, second.refresh);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session_everywhere_and_a_mail_says_so() {
    in_every_size(async |platform| {
        let (diner, stolen) = Diner::signed_up(&platform, "ayse@example.com").await;
        let current = diner.refresh(&stolen).await.tokens();
        platform.advance(Duration::from_secs(11));

        let reuse = diner.elsewhere("198.51.100.66").refresh(&stolen).await;

        assert_eq!(reuse.status, StatusCode::UNAUTHORIZED, "{}", reuse.text);
        assert_eq!(diner.refresh(&current).await.status, StatusCode::UNAUTHORIZED);
        for route in [(Method::GET, "/auth/me"), (Method::GET, "/users/me"), (Method::POST, "/notification/send")] {
            diner.is_shut_out(&current, route).await;
        }
        platform.mail("ayse@example.com", "session_revoked", 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_forged_refresh_token_opens_nothing_and_ends_nothing() {
    in_every_size(async |platform| {
        let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
        let mut forged = tokens.clone();
        let last = if forged.refresh.pop() == Some('A') { 'B' } else { 'A' };
        forged.refresh.push(last);

        let refused = diner.refresh(&forged).await;

        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        diner.refresh(&tokens).await.tokens();
    })
    .await;
}

#[tokio::test]
async fn sessions_survive_a_restart_and_end_when_they_were_not_used() {
    let platform = Platform::start().await;
    let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
    let tokens = diner.refresh(&tokens).await.tokens();

    let platform = platform.restart().await;
    let diner = diner.on(&platform);
    let tokens = diner.refresh(&tokens).await.tokens();
    platform.advance(Duration::from_secs(29 * 24 * 3600));
    let tokens = diner.refresh(&tokens).await.tokens();
    platform.advance(Duration::from_secs(31 * 24 * 3600));

    assert_eq!(diner.refresh(&tokens).await.status, StatusCode::UNAUTHORIZED);
}
