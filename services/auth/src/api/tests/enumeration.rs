use kit::on_every_database;
use serde_json::json;

use crate::fixture::{Answer, Ask, Fixture, PASSWORD};

on_every_database! {
    Fixture:
    nothing_that_anybody_may_ask_distinguishes_a_known_address_from_an_unknown_one,
    a_known_address_is_notified_by_mail,
    mails_are_limited_alike_for_known_and_unknown_addresses,
    ten_mails_a_day_are_enough_and_one_network_gets_half_of_them,
    one_network_asks_for_600_mails_an_hour,
}

async fn ask(fixture: &Fixture, path: &str, email: &str) -> Answer {
    fixture.ask(Ask::post(path, json!({"email": email, "password": PASSWORD}))).await
}

fn same_bytes(one: &Answer, other: &Answer) {
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!((one.status, &one.text, names(one)), (other.status, &other.text, names(other)));
}

async fn nothing_that_anybody_may_ask_distinguishes_a_known_address_from_an_unknown_one(fixture: Fixture) {
    fixture.sign_up("known@example.com").await;

    for path in ["/auth/register", "/auth/resend-verification", "/auth/forgot-password"] {
        let known = ask(&fixture, path, "known@example.com").await;
        let unknown = ask(&fixture, path, "unknown@example.com").await;

        same_bytes(&known, &unknown);
    }
}

async fn a_known_address_is_notified_by_mail(fixture: Fixture) {
    fixture.sign_up("known@example.com").await;

    let kinds = async |path: &str, email: &str| {
        ask(&fixture, path, email).await;
        fixture.mails().await.iter().map(|mail| mail.message.kind()).collect::<Vec<_>>()
    };

    assert_eq!(kinds("/auth/register", "known@example.com").await, ["already_registered"]);
    assert_eq!(kinds("/auth/resend-verification", "known@example.com").await, ["already_registered"]);
    assert_eq!(kinds("/auth/forgot-password", "known@example.com").await, ["password_reset"]);
    assert_eq!(kinds("/auth/resend-verification", "unknown@example.com").await, [""; 0]);
    assert_eq!(kinds("/auth/forgot-password", "unknown@example.com").await, [""; 0]);
    assert_eq!(kinds("/auth/register", "unknown@example.com").await, ["verification"]);
}

async fn mails_are_limited_alike_for_known_and_unknown_addresses(fixture: Fixture) {
    fixture.sign_up("known@example.com").await;
    fixture.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));

    for email in ["known@example.com", "unknown@example.com"] {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(ask(&fixture, "/auth/forgot-password", email).await.status);
        }
        let refused = ask(&fixture, "/auth/forgot-password", email).await;

        assert_eq!(statuses, [200, 200, 200, 429], "{email}");
        assert_eq!(refused.headers["retry-after"], "900", "{email}");
    }
}

async fn ten_mails_a_day_are_enough_and_one_network_gets_half_of_them(fixture: Fixture) {
    let statuses = async |network: &str| {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            let ask = Ask::post("/auth/forgot-password", json!({"email": "ayse@example.com"}));
            statuses.push(fixture.ask(ask.from(network)).await.status);
            fixture.clock.advance(std::time::Duration::from_secs(16 * 60));
        }
        statuses
    };
    let half = [[200; 5].as_slice(), &[429]].concat();

    assert_eq!(statuses("203.0.113.9").await, half, "a stranger");
    assert_eq!(statuses("198.51.100.9").await, half, "the owner");
    assert_eq!(statuses("192.0.2.9").await, [429; 6], "ten are ten");
}

async fn one_network_asks_for_600_mails_an_hour(fixture: Fixture) {
    for path in ["/auth/forgot-password", "/auth/resend-verification"] {
        for number in 0..600 {
            let answer = ask(&fixture, path, &format!("nobody{number}@example.com")).await;
            assert_eq!(answer.status, 200, "{path} {number}");
        }
        let refused = ask(&fixture, path, "one-more@example.com").await;
        let elsewhere = Ask::post(path, json!({"email": "one-more@example.com"})).from("203.0.113.9");

        assert_eq!((refused.status, refused.headers["retry-after"].as_bytes()), (429, b"3600".as_slice()));
        assert_eq!(fixture.ask(elsewhere).await.status, 200);
    }
}
