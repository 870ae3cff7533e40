//! Messages of both sides, each acted on by the other.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::kafka::{read, write};
use super::{beside_peers, minted_by_peer, profile};
use crate::support::{Diner, Platform, at_last, logs, token_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whom_a_peer_publishes_can_complete_a_profile() {
    beside_peers(async |platform| {
        let diner = Diner::new(&platform, "ayse@example.com");
        for field in ["id", "user_id"] {
            let user = clock::Sources::system().uuid().to_string();
            let (token, _) = minted_by_peer(&json!(user));
            let complete =
                async || diner.send(Method::POST, "/users/register/complete", Some(&token), Some(profile())).await;
            assert_eq!(complete().await.status, StatusCode::FORBIDDEN);

            write(platform.servers(), "user_created", &user, &format!(r#"{{"{field}":"{user}"}}"#)).await;
            let completed = at_last("the user is known", async || {
                let answer = complete().await;
                (answer.status != StatusCode::FORBIDDEN).then_some(answer)
            });

            let completed = completed.await;
            assert_eq!(completed.status, StatusCode::CREATED, "{}", completed.text);
            assert_eq!(completed.json()["user"]["id"], user);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_a_peer_asks_for_is_sent() {
    beside_peers(async |platform| {
        for (kind, subject, field) in [
            ("verification", "Verification Email", "token"),
            ("verification", "Verification Email", "code"),
            ("password_reset", "Password Reset", "token"),
            ("password_reset", "Password Reset", "code"),
        ] {
            let to = format!("{kind}.{field}@example.com");
            let secret = format!("a-{kind}-{field}-that-only-the-mailbox-knows-0123456789").replace('_', "-");
            logs::remember(&secret);
            let value = format!(
                r#"{{"type":"{kind}","to":"{to}","subject":"{subject}","template":"{kind}","variables":{{"{field}":"{secret}"}}}}"#
            );

            write(platform.servers(), "email_event", &to, &value).await;

            assert_eq!(token_in(&platform.mail(&to, kind, 1).await), secret);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_reads_what_is_published_here() {
    beside_peers(async |platform| {
        let ayse = Diner::new(&platform, "ayse@example.com");
        assert_eq!(ayse.register().await.status, StatusCode::CREATED);

        let mail = read(platform.servers(), "email_event", &ayse.email).await;
        let token = token_of(&mail);
        let tokens = ayse.verify(&token).await.tokens();
        let user = platform.claims(&tokens.access)["sub"].as_str().unwrap().to_owned();
        let created = read(platform.servers(), "user_created", &user).await;

        let legacy = format!(
            r#"{{"type":"verification","to":"ayse@example.com","subject":"Verification Email","template":"verification","variables":{{"token":"{token}""#
        );
        assert!(mail.starts_with(&legacy), "{mail}");
        assert!(created.starts_with(&format!(r#"{{"id":"{user}","user_id":"{user}""#)), "{created}");
        expect_same_token_in_mail(&platform, &ayse, &token).await;
    })
    .await;
}

fn token_of(mail: &str) -> String {
    let mail: Value = serde_json::from_str(mail).unwrap();
    mail["variables"]["token"].as_str().unwrap().to_owned()
}

/// Whoever sends the mail, it opens the same.
async fn expect_same_token_in_mail(platform: &Platform, diner: &Diner, token: &str) {
    assert_eq!(token_in(&platform.mail(&diner.email, "verification", 1).await), token);
}
