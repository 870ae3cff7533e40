use serde_json::json;

use crate::fixture::{Answer, Ask, Fixture, PASSWORD, on_every_database};

async fn ask(fixture: &Fixture, path: &str, email: &str) -> Answer {
    fixture.ask(Ask::post(path, json!({"email": email, "password": PASSWORD}))).await
}

fn same_bytes(one: &Answer, other: &Answer) {
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!((one.status, &one.text, names(one)), (other.status, &other.text, names(other)));
}

#[tokio::test]
async fn nothing_that_anybody_may_ask_tells_a_known_address_from_an_unknown_one() {
    on_every_database(async |fixture| {
        fixture.sign_up("known@example.com").await;

        for path in ["/auth/register", "/auth/resend-verification", "/auth/forgot-password"] {
            let known = ask(&fixture, path, "known@example.com").await;
            let unknown = ask(&fixture, path, "unknown@example.com").await;

            same_bytes(&known, &unknown);
        }
    })
    .await;
}

#[tokio::test]
async fn a_known_address_is_told_by_mail() {
    on_every_database(async |fixture| {
        fixture.sign_up("known@example.com").await;

        let kinds = async |path: &str, email: &str| {
            ask(&fixture, path, email).await;
            fixture.mails().await.iter().map(|mail| mail.letter.kind()).collect::<Vec<_>>()
        };

        assert_eq!(kinds("/auth/register", "known@example.com").await, ["already_registered"]);
        assert_eq!(kinds("/auth/resend-verification", "known@example.com").await, ["already_registered"]);
        assert_eq!(kinds("/auth/forgot-password", "known@example.com").await, ["password_reset"]);
        assert_eq!(kinds("/auth/resend-verification", "unknown@example.com").await, [""; 0]);
        assert_eq!(kinds("/auth/forgot-password", "unknown@example.com").await, [""; 0]);
        assert_eq!(kinds("/auth/register", "unknown@example.com").await, ["verification"]);
    })
    .await;
}

#[tokio::test]
async fn mails_are_limited_alike_for_known_and_unknown_addresses() {
    on_every_database(async |fixture| {
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
    })
    .await;
}

#[tokio::test]
async fn ten_mails_a_day_are_enough() {
    on_every_database(async |fixture| {
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(ask(&fixture, "/auth/forgot-password", "ayse@example.com").await.status);
            fixture.clock.advance(std::time::Duration::from_secs(16 * 60));
        }

        assert_eq!(statuses, [[200; 10].as_slice(), &[429]].concat());
    })
    .await;
}
