//! A person in front of the platform: what they know, and what they do over HTTP.

use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use testkit::{ReceivedMail, TIMEOUT};

use super::http::built;
use super::{Platform, logs};

/// Somebody with a mailbox and a browser.
#[derive(Clone)]
pub(crate) struct Diner {
    pub(crate) email: String,
    pub(crate) password: String,
    platform: Platform,
    http: Client,
    network: String,
}

/// An answer, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// The tokens of a session, as login, verify and refresh answer them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {:?}", self.text))
    }

    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
        assert_eq!(body["token"], body["access_token"]);
        assert!(body["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "{body}");
        Tokens { access: text("access_token"), refresh: text("refresh_token") }
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The names of all fields that a 422 complains of.
    pub(crate) fn faulty_fields(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no faults in {body}"));
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

impl Diner {
    /// A person with a browser of their own that keeps cookies, in a network of their own.
    pub(crate) fn new(platform: &Platform, email: &str) -> Self {
        Self {
            email: email.to_owned(),
            password: "gizli deniz feneri 42".to_owned(),
            platform: platform.clone(),
            http: built(Client::builder().cookie_store(true)),
            network: "203.0.113.7".to_owned(),
        }
    }

    /// The same person with a browser that asks for English.
    pub(crate) fn in_english(&self) -> Self {
        let english = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static("en"))]);
        let http = built(Client::builder().cookie_store(true).default_headers(english));
        Self { http, ..self.clone() }
    }

    /// The same person with another password in mind.
    pub(crate) fn with_password(&self, password: &str) -> Self {
        Self { password: password.to_owned(), ..self.clone() }
    }

    /// The same person in front of a browser that the platform never saw, elsewhere.
    pub(crate) fn elsewhere(&self, network: &str) -> Self {
        let http = built(Client::builder().cookie_store(true));
        Self { http, network: network.to_owned(), ..self.clone() }
    }

    /// The same person and browser after the platform was started anew.
    pub(crate) fn on(&self, platform: &Platform) -> Self {
        Self { platform: platform.clone(), ..self.clone() }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        self.send_to(&self.platform.url(path), method, token, body).await
    }

    /// Sends a request to just this address.
    pub(crate) async fn send_to(&self, url: &str, method: Method, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, url).header("x-forwarded-for", &self.network);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        read(request).await
    }

    /// What each process that serves `path` answers whoever has the access token.
    pub(crate) async fn ask_each(&self, access: &str, (method, path): (Method, &str)) -> Vec<Answer> {
        let mut answers = Vec::new();
        for url in self.platform.urls(path) {
            answers.push(self.send_to(&url, method.clone(), Some(access), None).await);
        }
        answers
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, None, Some(body)).await
    }

    pub(crate) async fn get_as(&self, tokens: &Tokens, path: &str) -> Answer {
        self.send(Method::GET, path, Some(&tokens.access), None).await
    }

    pub(crate) async fn post_as(&self, tokens: &Tokens, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(&tokens.access), Some(body)).await
    }

    /// Returns when every process refuses the access token at `path` because its session ended. A fleet hears of that within
    /// milliseconds.
    pub(crate) async fn is_shut_out(&self, tokens: &Tokens, (method, path): (Method, &str)) {
        let shut_out = async {
            for url in self.platform.urls(path) {
                while self.send_to(&url, method.clone(), Some(&tokens.access), None).await.code() != "TOKEN_REVOKED" {}
            }
        };
        let in_time = tokio::time::timeout(TIMEOUT, shut_out).await;
        in_time.unwrap_or_else(|_| panic!("{path} still takes the token of a session that ended"));
    }

    pub(crate) async fn register(&self) -> Answer {
        logs::remember(&self.password);
        self.post("/auth/register", json!({ "email": self.email, "password": self.password })).await
    }

    pub(crate) async fn verify(&self, token: &str) -> Answer {
        self.post("/auth/verify-email", json!({ "token": token })).await
    }

    pub(crate) async fn login(&self) -> Answer {
        logs::remember(&self.password);
        self.post("/auth/login", json!({ "email": self.email, "password": self.password })).await
    }

    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Answer {
        self.post("/auth/refresh", json!({ "refresh_token": tokens.refresh })).await
    }

    /// Refreshes as a careful client does, with a key for this one attempt.
    pub(crate) async fn refresh_with_key(&self, tokens: &Tokens, key: &str) -> Answer {
        let request = self.http.post(self.platform.url("/auth/refresh"));
        read(request.header("idempotency-key", key).json(&json!({ "refresh_token": tokens.refresh }))).await
    }

    /// Registers, opens the mail and verifies: a signed-in person.
    pub(crate) async fn signed_up(platform: &Platform, email: &str) -> (Self, Tokens) {
        let diner = Self::new(platform, email);
        let tokens = diner.sign_up().await;
        (diner, tokens)
    }

    /// Registers, opens the mail and verifies.
    pub(crate) async fn sign_up(&self) -> Tokens {
        assert_eq!(self.register().await.status, StatusCode::CREATED);
        let token = self.token_from_mail("verification").await;
        self.verify(&token).await.tokens()
    }

    /// The token in the link of the newest mail of this type.
    pub(crate) async fn token_from_mail(&self, kind: &str) -> String {
        token_in(&self.platform.mail(&self.email, kind, 1).await)
    }
}

/// The token in the link of a mail.
pub(crate) fn token_in(mail: &ReceivedMail) -> String {
    let text = mail.text();
    let (_, rest) = text.split_once("token=").unwrap_or_else(|| panic!("no link in {text}"));
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let text = answer.text().await.unwrap();
    logs::remember_tokens(&text);
    Answer { status, headers, text }
}
