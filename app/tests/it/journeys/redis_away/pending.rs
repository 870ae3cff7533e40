//! What Redis alone keeps: registrations and tokens of mails. It is refused while Redis is away, and waits in it.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::servers::redis::RedisServer;

use super::outage::{Regular, expect_unavailable, lose_redis, regain_redis, what_stands};
use crate::support::{Diner, Platform, Tokens, in_every_size_on_servers};

const NEW_PASSWORD: &str = "yepyeni bir parola 7";

/// People in the middle of something.
struct Waiting {
    /// Has registered, and the mail.
    fatma: Diner,
    verification: String,
    /// Has forgotten the password, and the mail.
    hasan: Diner,
    reset: String,
    /// Has proven the mailbox, and no profile.
    elif: Diner,
    elifs: Tokens,
}

impl Waiting {
    async fn at(platform: &Platform) -> Self {
        let fatma = Diner::new(platform, "fatma@example.com");
        assert_eq!(fatma.register().await.status, StatusCode::CREATED);
        let verification = fatma.token_from_mail("verification").await;
        let (hasan, _) = Diner::signed_up(platform, "hasan@example.com").await;
        let forgotten = hasan.post("/auth/forgot-password", json!({ "email": hasan.email })).await;
        assert_eq!(forgotten.status, StatusCode::OK);
        let reset = hasan.token_from_mail("password_reset").await;
        let (elif, elifs) = Diner::signed_up(platform, "elif@example.com").await;
        platform.idle().await;
        Self { fatma, verification, hasan, reset, elif, elifs }
    }

    /// Everything that needs what Redis keeps.
    fn wishes(&self) -> [(&'static str, Value); 5] {
        [
            ("/auth/register", json!({ "email": "yeni@example.com", "password": self.fatma.password })),
            ("/auth/resend-verification", json!({ "email": self.fatma.email })),
            ("/auth/forgot-password", json!({ "email": self.hasan.email })),
            ("/auth/verify-email", json!({ "token": self.verification })),
            ("/auth/reset-password", json!({ "token": self.reset, "password": NEW_PASSWORD })),
        ]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_in_vain_and_what_was_asked_for_still_stands() {
    in_every_size_on_servers(&[], async |platform| {
        let mut regulars = Regular::two(&platform).await;
        let waiting = Waiting::at(&platform).await;
        let before = what_stands(&platform, &regulars).await;

        lose_redis(&platform, &mut regulars, async |redis| redis.kill()).await;
        for (path, body) in waiting.wishes() {
            for url in platform.urls(path) {
                let answer = waiting.fatma.send_to(&url, Method::POST, None, Some(body.clone())).await;
                expect_unavailable(&answer);
            }
        }
        let completed = complete_profile(&waiting.elif, &waiting.elifs).await;
        regain_redis(&platform, &mut regulars, RedisServer::restart).await;
        let after = what_stands(&platform, &regulars).await;

        assert_eq!(completed, StatusCode::CREATED, "the user's row vouches as well");
        assert_eq!(after, before);
        for kept in ["register:", "verify:", "reset:", "pending_user:", "refresh:", "jwks"] {
            assert!(before.keys().any(|key| key.starts_with(kept)), "{kept} in {:?}", before.keys());
        }
        waiting.fatma.verify(&waiting.verification).await.tokens();
        let [.., (path, body)] = waiting.wishes();
        assert_eq!(waiting.hasan.post(path, body).await.status, StatusCode::OK);
        waiting.hasan.with_password(NEW_PASSWORD).login().await.tokens();
        assert_eq!(waiting.elif.get_as(&waiting.elifs, "/users/me").await.status, StatusCode::OK);
    })
    .await;
}

async fn complete_profile(diner: &Diner, tokens: &Tokens) -> StatusCode {
    let profile =
        json!({ "full_name": "Elif Kaya", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" });
    diner.post_as(tokens, "/users/register/complete", profile).await.status
}
