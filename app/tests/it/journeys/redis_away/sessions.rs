//! Sessions and sign-ins: the ledger knows them all, so nobody is logged out, and everybody can come in.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::servers::redis::RedisServer;

use super::outage::{Regular, expect_unavailable, lose_redis, regain_redis};
use crate::support::{Answer, Diner, Platform, Tokens, in_every_size_on_servers};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_logged_out_and_everybody_can_sign_in() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let laptop = ayse.login().await.tokens();
        let laptop = ayse.refresh(&laptop).await.tokens();

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        let refused = [ayse.refresh(&phone).await, ayse.refresh(&laptop).await];
        let tablet = ayse.login().await.tokens();
        let guesses = guess_six_times(&platform, &ayse).await;
        for path in ["/auth/me", "/users/preferences"] {
            for answer in ayse.ask_each(&tablet.access, (Method::GET, path)).await {
                assert_eq!(answer.status, StatusCode::OK, "its key is known: {path}");
            }
        }
        regain_redis(&platform, &mut regulars, RedisServer::restart).await;

        refused.iter().for_each(expect_unavailable);
        assert_eq!(guesses.each_ref().map(|guess| guess.status.as_u16()), [400, 400, 400, 400, 400, 429]);
        assert!(guesses[5].headers.contains_key("retry-after"));
        for held in [&phone, &laptop, &tablet] {
            expect_one_successor(&platform, &ayse, held).await;
        }
        ayse.login().await.tokens();
    })
    .await;
}

/// Six wrong passwords at one process, from where nobody was before.
async fn guess_six_times(platform: &Platform, owner: &Diner) -> [Answer; 6] {
    let guesser = owner.elsewhere("198.51.100.66");
    let url = platform.urls("/auth/login").remove(0);
    let guess = async || {
        let body = json!({ "email": owner.email, "password": "tahmin ediyorum" });
        guesser.send_to(&url, Method::POST, None, Some(body)).await
    };
    [guess().await, guess().await, guess().await, guess().await, guess().await, guess().await]
}

/// The refresh token works, and for one party alone.
async fn expect_one_successor(platform: &Platform, diner: &Diner, held: &Tokens) {
    let next = diner.refresh(held).await.tokens();
    let again = diner.refresh(held).await.tokens();
    assert_ne!(next.refresh, held.refresh);
    assert_eq!(next.refresh, again.refresh);

    platform.advance(Duration::from_secs(11));
    assert_eq!(diner.refresh(held).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(diner.refresh(&next).await.status, StatusCode::UNAUTHORIZED);
}
