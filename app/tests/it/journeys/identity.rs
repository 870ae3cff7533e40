//! Proving a mailbox, forgetting a password, and what a stranger may not learn or change.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Diner, Platform, in_every_size, token_in};

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_every_session_ends() {
    in_every_size(async |platform| {
        let (mut diner, before) = Diner::signed_up(&platform, "ayse@example.com").await;

        let asked = diner.post("/auth/forgot-password", json!({ "email": "Ayse@Example.com" })).await;
        assert_eq!(asked.status, StatusCode::OK);
        let token = diner.token_from_mail("password_reset").await;
        diner.password = "yepyeni bir parola 7".to_owned();
        let body = json!({ "token": token, "password": diner.password });
        assert_eq!(diner.post("/auth/reset-password", body.clone()).await.status, StatusCode::OK);

        diner.is_shut_out(&before, (Method::GET, "/auth/me")).await;
        assert_eq!(diner.refresh(&before).await.status, StatusCode::UNAUTHORIZED);
        let again = diner.post("/auth/reset-password", body).await;
        assert_eq!((again.status, again.code().as_str()), (StatusCode::BAD_REQUEST, "INVALID_TOKEN"));
        diner.login().await.tokens();
        platform.mail("ayse@example.com", "password_changed", 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_reset_link_cancels_the_older_and_both_die_with_time() {
    let platform = Platform::start().await;
    let (diner, _) = Diner::signed_up(&platform, "ayse@example.com").await;
    let body = json!({ "email": diner.email });
    let reset = async |token: &str| {
        diner.post("/auth/reset-password", json!({ "token": token, "password": "yepyeni bir parola 7" })).await
    };

    diner.post("/auth/forgot-password", body.clone()).await;
    let older = token_in(&platform.mail(&diner.email, "password_reset", 1).await);
    diner.post("/auth/forgot-password", body).await;
    let newer = token_in(&platform.mail(&diner.email, "password_reset", 2).await);
    assert_ne!(older, newer);

    assert_eq!(reset(&older).await.code(), "INVALID_TOKEN");
    platform.advance(Duration::from_secs(15 * 60));
    assert_eq!(reset(&newer).await.code(), "INVALID_TOKEN");
}

#[tokio::test]
async fn a_lost_verification_mail_can_be_asked_for_again() {
    in_every_size(async |platform| {
        let diner = Diner::new(&platform, "ayse@example.com");
        diner.register().await;
        let first = diner.token_from_mail("verification").await;

        let resent = diner.post("/auth/resend-verification", json!({ "email": diner.email })).await;
        assert_eq!(resent.status, StatusCode::OK);
        let second = token_in(&platform.mail(&diner.email, "verification", 2).await);

        assert_ne!(first, second);
        assert_eq!(diner.verify(&first).await.code(), "INVALID_TOKEN", "a newer link cancels the older");
        diner.verify(&second).await.tokens();
        diner.login().await.tokens();
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_which_addresses_are_known() {
    in_every_size(async |platform| {
        let (known, _) = Diner::signed_up(&platform, "ayse@example.com").await;
        let unknown = Diner::new(&platform, "kimse@example.com");

        let first = unknown.register().await;
        let second = known.register().await;
        assert_same(&first, &second);
        for path in ["/auth/resend-verification", "/auth/forgot-password"] {
            let of_known = known.post(path, json!({ "email": known.email })).await;
            let of_unknown = known.post(path, json!({ "email": "hickimse@example.com" })).await;
            assert_same(&of_known, &of_unknown);
        }
        let wrong = known.post("/auth/login", json!({ "email": known.email, "password": "yanlış parola" })).await;
        let pending = unknown.login().await;
        let nobody =
            known.post("/auth/login", json!({ "email": "hickimse@example.com", "password": "yanlış parola" })).await;
        assert_eq!(wrong.code(), "INVALID_CREDENTIALS");
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert_same(&wrong, &pending);
        assert_same(&wrong, &nobody);
        platform.mail(&known.email, "already_registered", 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_strangers_later_registration_does_not_change_the_owners_password() {
    in_every_size(async |platform| {
        let owner = Diner::new(&platform, "ayse@example.com");
        owner.register().await;
        let owners = owner.token_from_mail("verification").await;
        let mut stranger = owner.elsewhere("198.51.100.66");
        stranger.password = "yabancının parolası".to_owned();
        stranger.register().await;
        let strangers = token_in(&platform.mail(&owner.email, "verification", 2).await);

        owner.verify(&owners).await.tokens();

        assert_eq!(owner.verify(&strangers).await.code(), "INVALID_TOKEN", "the first verified deletes the others");
        assert_eq!(stranger.login().await.code(), "INVALID_CREDENTIALS");
        owner.login().await.tokens();
    })
    .await;
}

#[tokio::test]
async fn opening_a_link_consumes_nothing() {
    in_every_size(async |platform| {
        let diner = Diner::new(&platform, "ayse@example.com");
        diner.register().await;
        let token = diner.token_from_mail("verification").await;
        let page = format!("/auth/verify-email?token={token}");

        for _ in 0..20 {
            let opened = diner.send(Method::GET, &page, None, None).await;
            assert_eq!(opened.status, StatusCode::OK);
            assert!(opened.text.contains("<form"), "the page has a button that works without JavaScript");
            assert_eq!(opened.headers["referrer-policy"], "strict-origin");
            diner.send(Method::HEAD, &page, None, None).await;
        }

        diner.verify(&token).await.tokens();
    })
    .await;
}

#[tokio::test]
async fn the_pages_that_mails_link_to_work_without_javascript() {
    in_every_size(async |platform| {
        let mut diner = Diner::new(&platform, "ayse@example.com");
        diner.register().await;
        let token = diner.token_from_mail("verification").await;

        let verified = platform.post_form("/auth/verify-email", &[("token", &token)]).await;
        assert_eq!(verified.status, StatusCode::OK);
        assert!(verified.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        let unknown = platform.post_form("/auth/verify-email", &[("token", "x")]).await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
        assert!(unknown.headers["content-type"].to_str().unwrap().starts_with("text/html"));

        diner.post("/auth/forgot-password", json!({ "email": diner.email })).await;
        let token = diner.token_from_mail("password_reset").await;
        let short = platform.post_form("/auth/reset-password", &[("token", &token), ("password", "kısa")]).await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        diner.password = "yepyeni bir parola 7".to_owned();
        let reset =
            platform.post_form("/auth/reset-password", &[("token", &token), ("password", &diner.password)]).await;
        assert_eq!(reset.status, StatusCode::OK);
        diner.login().await.tokens();
    })
    .await;
}

#[tokio::test]
async fn a_verification_repeated_within_a_minute_gets_the_same_session() {
    let platform = Platform::start().await;
    let diner = Diner::new(&platform, "ayse@example.com");
    diner.register().await;
    let token = diner.token_from_mail("verification").await;

    let first = diner.verify(&token).await.tokens();
    platform.advance(Duration::from_secs(59));
    let second = diner.verify(&token).await.tokens();
    platform.advance(Duration::from_secs(2));
    let late = diner.verify(&token).await;

    assert_eq!(first.refresh, second.refresh);
    assert_eq!(platform.claims(&first.access)["sid"], platform.claims(&second.access)["sid"]);
    assert_eq!((late.status, late.code().as_str()), (StatusCode::BAD_REQUEST, "INVALID_TOKEN"));
}

#[tokio::test]
async fn after_a_refresh_a_verification_is_not_repeated() {
    in_every_size(async |platform| {
        let diner = Diner::new(&platform, "ayse@example.com");
        diner.register().await;
        let token = diner.token_from_mail("verification").await;
        let tokens = diner.verify(&token).await.tokens();

        diner.refresh(&tokens).await.tokens();

        assert_eq!(diner.verify(&token).await.code(), "INVALID_TOKEN");
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session() {
    in_every_size(async |platform| {
        let (diner, old) = Diner::signed_up(&platform, "ayse@example.com").await;
        let body = json!({ "current_password": diner.password, "new_password": "yepyeni bir parola 7" });

        let wrong = json!({ "current_password": "yanlış", "new_password": "yepyeni bir parola 7" });
        assert_eq!(diner.post_as(&old, "/auth/change-password", wrong).await.status, StatusCode::BAD_REQUEST);
        let new = diner.post_as(&old, "/auth/change-password", body).await.tokens();

        diner.is_shut_out(&old, (Method::GET, "/auth/me")).await;
        assert_eq!(diner.get_as(&new, "/auth/me").await.status, StatusCode::OK);
        diner.refresh(&new).await.tokens();
    })
    .await;
}

#[tokio::test]
async fn mails_on_demand_are_limited_alike_for_known_and_unknown_addresses() {
    let platform = Platform::start().await;
    let (known, _) = Diner::signed_up(&platform, "ayse@example.com").await;

    for email in ["ayse@example.com", "hickimse@example.com"] {
        for _ in 0..3 {
            let asked = known.post("/auth/forgot-password", json!({ "email": email })).await;
            assert_eq!(asked.status, StatusCode::OK, "{email}");
        }
        let refused = known.post("/auth/forgot-password", json!({ "email": email })).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{email}");
        assert!(refused.headers.contains_key("retry-after"));
    }
    platform.advance(Duration::from_secs(15 * 60));
    assert_eq!(known.post("/auth/forgot-password", json!({ "email": known.email })).await.status, StatusCode::OK);
}

/// The same bytes and the same header names.
fn assert_same(one: &crate::support::Answer, other: &crate::support::Answer) {
    let names = |answer: &crate::support::Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(one.status, other.status);
    assert_eq!(one.text, other.text);
    assert_eq!(names(one), names(other));
}
