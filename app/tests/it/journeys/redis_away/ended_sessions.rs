//! Ended sessions: they stay ended while Redis is away, a log-out is accepted and spreads later, and where a doubt would be
//! too much the answer is 503.

use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::servers::redis::RedisServer;

use super::outage::{Regular, expect_silence_reported, expect_unavailable, lose_redis, regain_redis, sign_in_an_admin};
use crate::support::{Diner, Platform, Tokens, in_every_size_on_servers};

/// One route of each service.
const ROUTES: [(Method, &str); 4] = [
    (Method::GET, "/auth/me"),
    (Method::GET, "/users/preferences"),
    (Method::POST, "/notification/send"),
    (Method::GET, "/addresses"),
];

#[tokio::test(flavor = "multi_thread")]
async fn ended_sessions_stay_ended_and_open_ones_open() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let ended = ayse.login().await.tokens();
        log_out(&ayse, &ended).await;
        shut_out_everywhere(&ayse, &ended).await;

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        expect_silence_reported(&platform).await;

        for route in ROUTES {
            for answer in ayse.ask_each(&ended.access, route).await {
                assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "TOKEN_REVOKED"));
            }
        }
        for route in [(Method::GET, "/auth/me"), (Method::GET, "/auth/sessions"), (Method::GET, "/users/preferences")] {
            for answer in ayse.ask_each(&phone.access, route.clone()).await {
                assert_eq!(answer.status, StatusCode::OK, "{route:?}: {}", answer.text);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_is_accepted_and_every_process_hears_of_it_later() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let laptop = ayse.login().await.tokens();

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        let at_first = |path: &str| platform.urls(path).remove(0);
        let out = ayse.send_to(&at_first("/auth/logout"), Method::POST, Some(&laptop.access), None).await;
        let here = ayse.send_to(&at_first("/auth/me"), Method::GET, Some(&laptop.access), None).await;
        let body = json!({ "refresh_token": laptop.refresh });
        let renewed = ayse.send_to(&at_first("/auth/refresh"), Method::POST, None, Some(body)).await;
        regain_redis(&platform, &mut regulars, RedisServer::restart).await;

        assert_eq!(out.status, StatusCode::OK, "{}", out.text);
        let whoever_accepted_it_knows = [here.code(), renewed.code()];
        assert_eq!(whoever_accepted_it_knows, ["TOKEN_REVOKED", "INVALID_REFRESH_TOKEN"]);
        shut_out_everywhere(&ayse, &laptop).await;
        assert_eq!(ayse.refresh(&laptop).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(ayse.get_as(&phone, "/auth/me").await.status, StatusCode::OK);
        ayse.refresh(&phone).await.tokens();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_doubt_is_too_much_nothing_is_done_until_redis_is_back() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let laptop = ayse.login().await.tokens();
        let session = format!("/auth/sessions/{}", platform.claims(&laptop.access)["sid"].as_str().unwrap());
        let sensitive = [
            (Method::POST, "/auth/change-password"),
            (Method::POST, "/auth/logout-all"),
            (Method::DELETE, session.as_str()),
        ];
        let (admin, admins) = sign_in_an_admin(&platform).await;
        expect_topics(&platform, &admin, &admins, StatusCode::OK).await;

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        expect_silence_reported(&platform).await;
        for route in sensitive {
            ayse.ask_each(&phone.access, route).await.iter().for_each(expect_unavailable);
        }
        admin.ask_each(&admins.access, (Method::POST, "/notification/send")).await.iter().for_each(expect_unavailable);
        expect_topics(&platform, &admin, &admins, StatusCode::SERVICE_UNAVAILABLE).await;
        regain_redis(&platform, &mut regulars, RedisServer::restart).await;

        expect_topics(&platform, &admin, &admins, StatusCode::OK).await;
        ayse.refresh(&laptop).await.tokens();
        let change = json!({ "current_password": ayse.password, "new_password": "yepyeni bir parola 7" });
        assert_eq!(ayse.post_as(&phone, "/auth/change-password", change).await.status, StatusCode::OK);
        shut_out_everywhere(&ayse, &laptop).await;
    })
    .await;
}

/// What every process answers an admin who looks at the topics.
async fn expect_topics(platform: &Platform, admin: &Diner, tokens: &Tokens, status: StatusCode) {
    for url in platform.urls_everywhere("/admin/topics") {
        let answer = admin.send_to(&url, Method::GET, Some(&tokens.access), None).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

async fn log_out(diner: &Diner, tokens: &Tokens) {
    assert_eq!(diner.post_as(tokens, "/auth/logout", json!({})).await.status, StatusCode::OK);
}

async fn shut_out_everywhere(diner: &Diner, tokens: &Tokens) {
    for route in ROUTES {
        diner.is_shut_out(tokens, route).await;
    }
}
