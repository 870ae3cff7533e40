//! Redis comes back empty: everything that matters is rebuilt from the ledger, or can be asked for again.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::outage::{Regular, lose_redis, regain_redis};
use crate::support::{Diner, Platform, Tokens, at_last, in_every_size_on_servers, token_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_redis_logs_nobody_out_and_lets_nobody_in() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let phone = refreshed(&ayse, phone, 12).await;
        let laptop = ayse.login().await.tokens();
        let ended = ayse.login().await.tokens();
        assert_eq!(ayse.post_as(&ended, "/auth/logout", json!({})).await.status, StatusCode::OK);
        let fatma = Diner::new(&platform, "fatma@example.com");
        fatma.register().await;
        let lost = fatma.token_from_mail("verification").await;
        platform.idle().await;

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        regain_redis(&platform, &mut regulars, async |redis| {
            redis.wipe()?;
            redis.restart().await
        })
        .await;

        for held in [&phone, &laptop] {
            let next = ayse.refresh(held).await.tokens();
            ayse.refresh(&next).await.tokens();
        }
        for route in [(Method::GET, "/auth/me"), (Method::GET, "/users/preferences")] {
            for answer in ayse.ask_each(&ended.access, route).await {
                assert_eq!(answer.code(), "TOKEN_REVOKED");
            }
        }
        assert_eq!(ayse.refresh(&ended).await.status, StatusCode::UNAUTHORIZED);
        published_again(&platform).await;
        assert_eq!(fatma.verify(&lost).await.code(), "INVALID_TOKEN");
        fatma.register().await;
        let token = token_in(&platform.mail(&fatma.email, "verification", 2).await);
        fatma.verify(&token).await.tokens();
    })
    .await;
}

/// The tokens after so many refreshes.
async fn refreshed(diner: &Diner, mut tokens: Tokens, times: u32) -> Tokens {
    for _ in 0..times {
        tokens = diner.refresh(&tokens).await.tokens();
    }
    tokens
}

/// Returns when processes that start now find in Redis what they need to know.
async fn published_again(platform: &Platform) {
    let redis = platform.servers().redis().await;
    at_last("all is published again", async || {
        let asked = redis.cli(&["EXISTS", "feed:epoch", "feed:revocations", "jwks"]).unwrap();
        (asked == "3").then_some(())
    })
    .await;
}
