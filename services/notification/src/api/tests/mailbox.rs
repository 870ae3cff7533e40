//! The built-in mailbox.

use serde_json::{Value, json};

use super::client;
use crate::fixture::{Fixture, discount, server, settings, verification};

#[tokio::test]
async fn mails_can_be_listed_and_read_with_working_links() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let client = client(&notification);
    assert!(client.get("/mailbox").await.text.contains("No mail yet"));

    fixture.ask_for(&notification, verification()).await;
    fixture.ask_for(&notification, discount()).await;

    let list = client.get("/mailbox").await.text;
    let messages = client.get("/mailbox/messages").await.json();
    let id = messages[1]["id"].as_str().unwrap();
    let link = "http://localhost:8080/auth/verify-email?token=tok-en";
    let newest = list.find("Lahmacun").unwrap();
    assert!(newest < list.find("E-posta adresinizi doğrulayın").unwrap(), "{list}");
    assert!(list.contains(&format!("href=\"/mailbox/{id}\"")), "{list}");
    let page = client.get(&format!("/mailbox/{id}")).await.text;
    assert!(page.contains(&format!("<a href=\"{link}\">{link}</a>")), "{page}");
    assert!(page.contains(&format!("src=\"/mailbox/{id}/letter\"")), "{page}");
    let letter = client.get(&format!("/mailbox/{id}/letter")).await;
    assert_eq!(letter.text, messages[1]["html"].as_str().unwrap());
    assert!(letter.header("content-security-policy").contains("sandbox"));
    assert_eq!(letter.header("x-frame-options"), "SAMEORIGIN");
}

#[tokio::test]
async fn a_program_gets_the_mails_as_json_newest_first() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let client = client(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.ask_for(&notification, discount()).await;

    let messages = client.get("/mailbox/messages").await.json();
    let kinds: Vec<&Value> = messages.as_array().unwrap().iter().map(|message| &message["type"]).collect();
    assert_eq!(kinds, ["discount", "verification"]);
    let mut message = messages[1].clone();
    assert!(message["text"].as_str().unwrap().contains("?token=tok-en"));
    assert!(message["html"].as_str().unwrap().starts_with("<!doctype html>"));
    for part in ["id", "text", "html", "message_id"] {
        message.as_object_mut().unwrap().remove(part).unwrap();
    }
    assert_eq!(
        message,
        json!({
            "to": "ayse@example.com", "subject": "E-posta adresinizi doğrulayın", "type": "verification", "locale": "tr",
            "received_at": "2026-03-02T12:00:00.001Z",
        })
    );

    let count =
        async |query: &str| client.get(&format!("/mailbox/messages{query}")).await.json().as_array().unwrap().len();
    assert_eq!(count("?to=Ayse@example.com").await, 2);
    assert_eq!(count("?to=fatma@example.com").await, 0);
    assert_eq!(count("?to=nobody").await, 0);
}

#[tokio::test]
async fn a_mail_that_is_not_there_is_not_found() {
    let fixture = Fixture::new().await;
    let client = client(&fixture.with_mailbox());

    for path in ["/mailbox/018f0000-0000-7000-8000-000000000001", "/mailbox/x", "/mailbox/x/letter"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, &answer.json()["code"]), (404, &"NOT_FOUND".into()), "{path}");
    }
}

#[tokio::test]
async fn there_is_no_mailbox_for_strangers_nor_beside_a_mail_server() {
    let fixture = Fixture::new().await;
    let notification = fixture.with_mailbox();
    let stranger = client(&notification).at("203.0.113.9");
    let with_server = client(&fixture.with_settings(&settings(server(1))));
    fixture.ask_for(&notification, verification()).await;

    for client in [stranger, with_server] {
        for path in ["/mailbox", "/mailbox/messages", "/mailbox/x"] {
            let answer = client.get(path).await;
            assert_eq!((answer.status, &answer.json()["code"]), (404, &"NOT_FOUND".into()), "{path}");
        }
    }
}
