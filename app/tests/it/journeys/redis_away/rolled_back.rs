//! Redis comes back older than it was: nobody gets in who was signed out, and nobody is signed out.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::outage::{Regular, lose_redis, regain_redis};
use crate::support::{Diner, at_last, in_every_size_on_servers};

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_comes_back_older_opens_no_session_that_was_ended() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let ended = ayse.login().await.tokens();
        platform.idle().await;

        let snapshot = platform.servers().redis().await.snapshot().unwrap();
        let phone = ayse.refresh(&phone).await.tokens();
        assert_eq!(ayse.post_as(&ended, "/auth/logout", json!({})).await.status, StatusCode::OK);
        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        regain_redis(&platform, &mut regulars, async |redis| {
            redis.roll_back(&snapshot)?;
            redis.restart().await
        })
        .await;

        let at_once = ayse.refresh(&ended).await.status;
        let redis = platform.servers().redis().await;
        // For processes that start now.
        let session = platform.claims(&ended.access)["sid"].as_str().unwrap().to_owned();
        at_last("the end is published again", async || {
            redis.cli(&["XRANGE", "feed:revocations", "-", "+"]).unwrap().contains(&session).then_some(())
        })
        .await;
        drop(redis);
        // No process remembers for longer whose access tokens it has to refuse.
        platform.advance(Duration::from_secs(3 * 60 * 60));
        let later = ayse.refresh(&ended).await.status;

        assert_eq!([at_once, later], [StatusCode::UNAUTHORIZED; 2]);
        ayse.refresh(&phone).await.tokens();
    })
    .await;
}
