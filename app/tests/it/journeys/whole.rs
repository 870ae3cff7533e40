//! Register, mail, verify, complete the profile, sign in, refresh, sign out.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Diner, in_every_size};

#[tokio::test]
async fn a_newcomer_walks_the_whole_journey() {
    in_every_size(async |platform| {
    let diner = Diner::new(&platform, "ayse@example.com");

    let registered = diner.register().await;
    assert_eq!(registered.status, StatusCode::CREATED);
    assert!(registered.json()["message"].is_string());
    assert!(registered.json().get("token").is_none(), "only the mailbox proves an address");

    let token = diner.token_from_mail("verification").await;
    let tokens = diner.verify(&token).await.tokens();

    let me = diner.get_as(&tokens, "/auth/me").await.json();
    assert_eq!(me["email"], "ayse@example.com");
    assert_eq!(me["role"], "user");
    assert_eq!(diner.get_as(&tokens, "/users/me").await.status, StatusCode::NOT_FOUND, "no profile yet");

    let profile =
        json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    let completed = diner.post_as(&tokens, "/users/register/complete", profile.clone()).await;
    assert_eq!(completed.status, StatusCode::CREATED, "{}", completed.text);
    assert_eq!(completed.json()["user"]["full_name"], "Ayşe Yılmaz");
    assert_eq!(completed.json()["user"]["id"], me["id"]);
    let again = diner.post_as(&tokens, "/users/register/complete", profile).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::BAD_REQUEST, "USER_ALREADY_EXISTS"));
    assert_eq!(diner.get_as(&tokens, "/users/me").await.json()["phone"], "+905321234567");

    let signed_in = diner.login().await.tokens();
    let refreshed = diner.refresh(&signed_in).await.tokens();
    assert_ne!(refreshed.refresh, signed_in.refresh);

    let out = diner.post_as(&refreshed, "/auth/logout", json!({})).await;
    assert_eq!(out.json()["message"], "Oturumunuz kapatıldı.");
    for path in ["/auth/me", "/users/me"] {
        diner.is_shut_out(&refreshed, (Method::GET, path)).await;
    }
    assert_eq!(diner.refresh(&refreshed).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(diner.get_as(&tokens, "/auth/me").await.status, StatusCode::OK, "the other session goes on");
    })
    .await;
}

#[tokio::test]
async fn a_session_can_be_seen_and_ended_from_another_device() {
    in_every_size(async |platform| {
        let (diner, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let laptop = diner.elsewhere("198.51.100.20").login().await.tokens();
        let (_, stranger) = Diner::signed_up(&platform, "mehmet@example.com").await;

        let sessions = diner.get_as(&laptop, "/auth/sessions").await.json();
        let items = sessions["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 2);
        let claims = platform.claims(&phone.access);
        let path = format!("/auth/sessions/{}", claims["sid"].as_str().unwrap());

        let foreign = diner.send(Method::DELETE, &path, Some(&stranger.access), None).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        let ended = diner.send(Method::DELETE, &path, Some(&laptop.access), None).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);

        diner.is_shut_out(&phone, (Method::GET, "/auth/me")).await;
        assert_eq!(diner.get_as(&laptop, "/auth/me").await.status, StatusCode::OK);
        platform.mail("ayse@example.com", "new_device", 1).await;
    })
    .await;
}

#[tokio::test]
async fn own_security_events_are_shown_in_pages() {
    in_every_size(async |platform| {
        let (diner, tokens) = Diner::signed_up(&platform, "ayse@example.com").await;
        for _ in 0..3 {
            diner.login().await.tokens();
        }

        let first = diner.get_as(&tokens, "/auth/events?limit=2").await.json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = diner.get_as(&tokens, &format!("/auth/events?limit=2&cursor={cursor}")).await.json();

        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        assert_eq!(second["items"].as_array().unwrap().len(), 2);
        assert_ne!(first["items"], second["items"]);
        let wrong = diner.get_as(&tokens, "/auth/events?limit=0").await;
        assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::BAD_REQUEST, "INVALID_LIMIT"));
    })
    .await;
}
