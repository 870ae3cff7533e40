//! What peers find in Redis of what happens here.

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::servers::redis::RedisServer;

use super::{ACCESS_TTL, beside_peers, minted_by_peer, profile};
use crate::support::{Diner, Platform, Tokens, at_last};

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

#[tokio::test(flavor = "multi_thread")]
async fn peers_find_every_token_that_is_revoked_here() {
    beside_peers(async |platform| {
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let older = ayse.login().await.tokens();
        let newer = ayse.refresh(&older).await.tokens();
        let laptop = ayse.login().await.tokens();
        let session = format!("/auth/sessions/{}", platform.claims(&laptop.access)["sid"].as_str().unwrap());
        let (of_peer, jti) = minted_by_peer(&platform.claims(&phone.access)["sub"]);
        for jti in [jti_of(&platform, &older), jti_of(&platform, &laptop), jti.clone()] {
            expect_absent(&*platform.servers().redis().await, &format!("blacklist:{jti}"));
        }

        assert_eq!(ayse.post_as(&older, "/auth/logout", json!({})).await.status, StatusCode::OK);
        let ended = ayse.send(Method::DELETE, &session, Some(&phone.access), None).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        assert_eq!(ayse.send(Method::POST, "/auth/logout", Some(&of_peer), None).await.status, StatusCode::OK);

        let redis = platform.servers().redis().await;
        for jti in [&older, &newer, &laptop].map(|tokens| jti_of(&platform, tokens)).iter().chain([&jti]) {
            // A minute more than the token has: clocks differ.
            expect_flag(&redis, &format!("blacklist:{jti}"), ACCESS_TTL - 60..=ACCESS_TTL + 60);
        }
        expect_absent(&redis, &format!("blacklist:{}", jti_of(&platform, &phone)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_find_who_may_complete_a_profile_and_their_word_counts_here() {
    beside_peers(async |platform| {
        let (ayse, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
        platform.idle().await;
        let ours = format!("pending_user:{}", platform.claims(&tokens.access)["sub"].as_str().unwrap());
        let stranger = json!(clock::Sources::system().uuid());
        let theirs = format!("pending_user:{}", stranger.as_str().unwrap());
        let (of_peer, _) = minted_by_peer(&stranger);
        let complete = async |token: &str| {
            ayse.send(Method::POST, "/users/register/complete", Some(token), Some(profile())).await.status
        };

        expect_flag(&*platform.servers().redis().await, &ours, DAY - 60..=DAY);
        assert_eq!(complete(&of_peer).await, StatusCode::FORBIDDEN, "nobody vouches for the stranger");
        platform.servers().redis().await.cli(&["SET", &theirs, "1", "EX", "900"]).unwrap();
        assert_eq!(complete(&of_peer).await, StatusCode::CREATED);
        assert_eq!(complete(&tokens.access).await, StatusCode::CREATED);

        let redis = platform.servers().redis().await;
        for key in [&ours, &theirs] {
            at_last("the key is removed", async || (redis.cli(&["EXISTS", key]).unwrap() == "0").then_some(())).await;
        }
    })
    .await;
}

/// It stands as the first platform writes it, with so many seconds to live.
fn expect_flag(redis: &RedisServer, key: &str, life: std::ops::RangeInclusive<i64>) {
    assert_eq!(redis.cli(&["TYPE", key]).unwrap(), "string", "{key}");
    assert_eq!(redis.cli(&["GET", key]).unwrap(), "1");
    let left: i64 = redis.cli(&["TTL", key]).unwrap().parse().unwrap();
    assert!(life.contains(&left), "{key} has {left} s");
}

fn expect_absent(redis: &RedisServer, key: &str) {
    assert_eq!(redis.cli(&["EXISTS", key]).unwrap(), "0", "{key}");
}

fn jti_of(platform: &Platform, tokens: &Tokens) -> String {
    platform.claims(&tokens.access)["jti"].as_str().unwrap().to_owned()
}
