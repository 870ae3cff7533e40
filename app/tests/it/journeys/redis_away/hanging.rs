//! Redis hangs: its connections stay open and nothing is answered. Nobody waits for it for long.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::outage::{expect_ready, expect_silence_reported, key_of, what_stands};
use crate::support::{Diner, Platform, Tokens, in_every_size_on_servers};

/// What it may cost a request.
const AT_MOST: Duration = Duration::from_secs(2);

/// One request, and how it is answered while Redis hangs.
struct Ask {
    method: Method,
    path: String,
    token: Option<String>,
    body: Option<Value>,
    status: u16,
}

impl Ask {
    fn get(path: &str, tokens: Option<&Tokens>, status: u16) -> Self {
        let token = tokens.map(|tokens| tokens.access.clone());
        Self { method: Method::GET, path: path.to_owned(), token, body: None, status }
    }

    fn post(path: &str, body: Value, status: u16) -> Self {
        Self { method: Method::POST, path: path.to_owned(), token: None, body: Some(body), status }
    }

    fn by(self, tokens: &Tokens) -> Self {
        Self { token: Some(tokens.access.clone()), ..self }
    }

    /// Sends it, and says how long the answer to what took.
    async fn send(&self, diner: &Diner) -> (Duration, String) {
        let start = Instant::now();
        let answer = diner.send(self.method.clone(), &self.path, self.token.as_deref(), self.body.clone()).await;
        let took = start.elapsed();
        assert_eq!(answer.status.as_u16(), self.status, "{}: {}", self.path, answer.text);
        assert!(self.status != 503 || answer.headers.contains_key("retry-after"), "{}", self.path);
        (took, self.path.clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_costs_a_request_two_seconds_at_most() {
    in_every_size_on_servers(&[("REDIS_TIMEOUT", "500ms")], async |platform| {
        let (ayse, phone) = Diner::signed_up(&platform, "ayse@example.com").await;
        let laptop = ayse.login().await.tokens();
        let fatma = Diner::new(&platform, "fatma@example.com");
        fatma.register().await;
        let token = fatma.token_from_mail("verification").await;
        platform.idle().await;
        let log_in = || json!({ "email": ayse.email, "password": ayse.password });
        let usual = Ask::post("/auth/login", log_in(), 200).send(&ayse).await;
        let written = ayse.post_as(&phone, "/addresses", home()).await.json();
        let one = format!("/addresses/{}", written["id"].as_str().unwrap());
        let before = what_waits(&platform, &phone).await;
        let still = [
            Ask::post("/auth/register", json!({ "email": "yeni@example.com", "password": ayse.password }), 503),
            Ask::post("/auth/resend-verification", json!({ "email": fatma.email }), 503),
            Ask::post("/auth/forgot-password", json!({ "email": ayse.email }), 503),
            Ask::post("/auth/verify-email", json!({ "token": token }), 503),
            Ask::post("/auth/refresh", json!({ "refresh_token": phone.refresh }), 503),
            Ask::post("/auth/login", log_in(), 200),
            Ask::get("/auth/me", Some(&phone), 200),
            Ask::get("/users/preferences", Some(&phone), 200),
            Ask::get("/addresses", Some(&phone), 200),
            Ask::get(&one, Some(&phone), 200),
            Ask::post("/addresses", home(), 201).by(&phone),
            Ask::get("/auth/health", None, 503),
            Ask::get("/health/ready", None, 503),
        ];
        let once = [
            Ask::post("/users/register/complete", profile(), 201).by(&phone),
            Ask::post("/auth/logout", json!({}), 200).by(&laptop),
        ];

        platform.servers().redis().await.pause().unwrap();
        let at_first = join_all(still.iter().chain(&once).map(|ask| ask.send(&ayse))).await;
        expect_silence_reported(&platform).await;
        let later = join_all(still.iter().map(|ask| ask.send(&ayse))).await;
        platform.servers().redis().await.resume().unwrap();
        expect_ready(&platform).await;

        // What the slowest of all requests takes on this machine when nothing hangs.
        let usual = usual.max(Ask::post("/auth/login", log_in(), 200).send(&ayse).await);
        let slowest = at_first.iter().chain(&later).max().unwrap();
        assert!(slowest.0 < AT_MOST + usual.0, "{slowest:?}, and {usual:?} when nothing hangs");
        assert_eq!(what_waits(&platform, &phone).await, before);
        ayse.refresh(&phone).await.tokens();
        fatma.verify(&token).await.tokens();
        for path in ["/auth/me", "/users/preferences"] {
            ayse.is_shut_out(&laptop, (Method::GET, path)).await;
        }
        assert_eq!(ayse.refresh(&laptop).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

fn home() -> Value {
    json!({
        "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
        "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": true,
    })
}

fn profile() -> Value {
    json!({ "full_name": "Ayşe Yılmaz", "born_date": "1990-05-17", "gender": "female", "phone": "+905321234567" })
}

/// What no request of the test has a reason to touch. The key of a user without a profile is none of that: what completes
/// the profile removes it, at the latest when Redis goes on.
async fn what_waits(platform: &Platform, held: &Tokens) -> BTreeMap<String, String> {
    let session = key_of(platform, held);
    let waiting = ["register:", "verify:", "jwks", &session];
    let mut standing = what_stands(platform, &[]).await;
    standing.retain(|key, _| waiting.iter().any(|waiting| key.starts_with(waiting)));
    assert!(standing.len() >= waiting.len(), "{:?}", standing.keys());
    standing
}
