//! Mails by hand.

use std::time::Duration;

use bus::{Bus, BusUrl};
use kit::on_every_database;
use kit::testing::{Ask, faults, hear_all};
use serde_json::{Value, json};

use super::client;
use crate::fixture::Fixture;
use crate::{actions, events};

on_every_database! {
    Fixture:
    a_repeated_request_asks_for_one_mail,
    two_requests_at_once_ask_for_one_mail,
    a_key_is_its_admins_own_and_only_what_succeeded_is_remembered,
}

#[tokio::test]
async fn only_admins_send_by_hand() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let body = json!({ "type": "verification", "to": "a@example.com", "variables": { "code": "t" } });

    let anonymous = client(&notification).post("/notification/send", body.clone()).await;
    let user = client(&notification).user(fixture.new_user()).post("/notification/send", body.clone()).await;
    let manager = client(&notification).manager(fixture.new_user()).post("/notification/send", body).await;

    assert_eq!([anonymous.status, user.status, manager.status], [401, 403, 403]);
}

#[tokio::test]
async fn what_an_admin_sends_takes_the_way_of_every_mail() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let consumers = vec![events::consumer(&notification)];
    let bus = Bus::open(&BusUrl::Embedded, fixture.context.database.clone(), consumers).await.unwrap();
    let admin = client(&notification).admin(fixture.new_user());
    let by_code = json!({
        "type": "verification", "to": "Ayse@Example.com", "subject": "x", "template": "y", "variables": { "code": "t" }
    });
    let by_token =
        json!({ "type": "password_reset", "to": "ayse@example.com", "locale": "tr", "variables": { "token": "t" } });

    let first = admin.post("/notification/send", by_code).await;
    let second = admin.post("/notification/send", by_token).await;
    hear_all(&bus).await;

    assert_eq!(
        (first.status, first.json()),
        (200, json!({ "message": "The mail is on its way.", "status": "success" }))
    );
    assert_eq!(second.status, 200);
    let messages = actions::list_messages(&notification, None).await.unwrap();
    let mut subjects: Vec<&str> = messages.iter().map(|message| message.content.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["Confirm your e-mail address", "Yeni parolanızı belirleyin"]);
}

/// How many mails were asked for.
async fn recorded(fixture: &Fixture) -> u64 {
    let bus = Bus::open(&BusUrl::Embedded, fixture.context.database.clone(), Vec::new()).await.unwrap();
    bus.status().await.unwrap().topics.iter().map(|topic| topic.depth).sum()
}

async fn a_repeated_request_asks_for_one_mail(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let user_id = fixture.new_user();
    let signed_in = || client(&notification).admin(user_id).with_header("idempotency-key", "k1");
    let admin = signed_in();
    let body = |code: &str| json!({ "type": "verification", "to": "a@example.com", "variables": { "code": code } });

    let first = admin.post("/notification/send", body("1")).await;
    let again = admin.post("/notification/send", body("1")).await;
    let other = admin.post("/notification/send", body("2")).await;
    let in_turkish = signed_in().with_header("accept-language", "tr").post("/notification/send", body("1")).await;

    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!((again.status, again.text), (first.status, first.text.clone()));
    assert_eq!((in_turkish.status, in_turkish.text), (first.status, first.text));
    assert_eq!((other.status, &other.json()["code"]), (422, &"IDEMPOTENCY_KEY_REUSED".into()));
    assert_eq!(recorded(&fixture).await, 1);

    fixture.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(signed_in().post("/notification/send", body("2")).await.status, 200);
    assert_eq!(recorded(&fixture).await, 2);
}

async fn two_requests_at_once_ask_for_one_mail(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let admin = client(&notification).admin(fixture.new_user()).with_header("idempotency-key", "k1");
    let body = json!({ "type": "verification", "to": "a@example.com", "variables": { "code": "1" } });

    let (one, two) =
        tokio::join!(admin.post("/notification/send", body.clone()), admin.post("/notification/send", body.clone()));

    let replayed = [&one, &two].map(|answer| answer.headers.contains_key("idempotent-replayed"));
    assert_eq!([one.status, two.status], [200, 200]);
    assert!(replayed[0] != replayed[1], "{replayed:?}");
    assert_eq!(recorded(&fixture).await, 1);
}

async fn a_key_is_its_admins_own_and_only_what_succeeded_is_remembered(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    let client = client(&notification);
    let [ayse, berk, malformed] =
        ["k1", "k1", "not a key"].map(|key| client.admin(fixture.new_user()).with_header("idempotency-key", key));
    let body = json!({ "type": "verification", "to": "a@example.com", "variables": { "code": "t" } });

    let refused = ayse.post("/notification/send", json!({ "type": "verification" })).await;
    let accepted = ayse.post("/notification/send", body.clone()).await;
    let another = berk.post("/notification/send", body.clone()).await;
    let bad_key = malformed.post("/notification/send", body).await;

    assert_eq!([refused.status, accepted.status, another.status], [422, 200, 200]);
    assert_eq!((bad_key.status, &bad_key.json()["code"]), (400, &"INVALID_IDEMPOTENCY_KEY".into()));
    assert_eq!(recorded(&fixture).await, 2);
}

#[tokio::test]
async fn refusals_are_in_the_words_of_the_first_platform() {
    let fixture = Fixture::new().await;
    let admin = client(&fixture.with_mailbox()).admin(fixture.new_user());
    let refusal = async |body: Value| {
        let answer = admin.post("/notification/send", body).await;
        (answer.status, answer.json()["error"].as_str().unwrap().to_owned())
    };
    let to = "a@example.com";

    let unreadable = admin.send(Ask::post_text("/notification/send", "application/json", "{")).await;
    assert_eq!((unreadable.status, &unreadable.json()["error"]), (400, &"Invalid request format".into()));
    assert_eq!(
        refusal(json!({ "type": "verification", "to": to, "variables": {} })).await,
        (400, "Verification code is required for verification emails".to_owned())
    );
    assert_eq!(
        refusal(json!({ "type": "password_reset", "to": to, "variables": { "code": "" } })).await,
        (400, "Reset code is required for password reset emails".to_owned())
    );
    assert_eq!(
        refusal(json!({ "type": "discount", "to": to, "variables": { "title": "t" } })).await,
        (400, "Title and description are required for discount emails".to_owned())
    );
    let (status, unsupported) = refusal(json!({ "type": "horoscope", "to": to })).await;
    assert_eq!(status, 400);
    assert!(
        unsupported
            .starts_with("Unsupported notification type. Supported types: verification, password_reset, discount"),
        "{unsupported}"
    );
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let fixture = Fixture::new().await;
    let admin = client(&fixture.with_mailbox()).admin(fixture.new_user());
    let refused = async |body: Value| {
        let answer = admin.post("/notification/send", body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        assert!(!answer.text.contains("Bcc"), "a refusal repeats no variable: {}", answer.text);
        answer.json()
    };

    assert_eq!(faults(&refused(json!({})).await), [("type", "REQUIRED"), ("to", "REQUIRED")]);
    assert_eq!(
        faults(&refused(json!({ "type": 1, "to": "all" })).await),
        [("type", "WRONG_TYPE"), ("to", "EMAIL_INVALID")]
    );
    assert_eq!(
        faults(&refused(json!({ "type": "discount", "to": "a@b.co", "locale": "de", "variables": [] })).await),
        [("locale", "LOCALE_UNKNOWN"), ("variables", "WRONG_TYPE")]
    );
    let harmful = "x\r\nBcc: y@z.com";
    for (kind, variable, others) in [
        ("verification", "code", json!({})),
        ("password_reset", "code", json!({})),
        ("discount", "title", json!({ "description": "d" })),
        ("discount", "description", json!({ "title": "t" })),
        ("new_device", "asked_from", json!({})),
        ("session_revoked", "asked_with", json!({})),
    ] {
        let mut variables = others;
        // The lines of a description are paragraphs; a bare carriage return ends none.
        let harmful = if variable == "description" { harmful.replace('\n', "") } else { harmful.to_owned() };
        variables[variable] = harmful.into();
        let answer = refused(json!({ "type": kind, "to": "a@b.co", "variables": variables })).await;
        assert_eq!(faults(&answer), [(format!("variables.{variable}").as_str(), "CONTROL_CHARACTERS")]);
    }
    let answer = refused(json!({ "type": "new_device", "to": "a@b.co", "variables": { "asked_at": "soon" } })).await;
    assert_eq!(faults(&answer), [("variables.asked_at", "INVALID_TIME")]);
}
