//! The requests that are sent to a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::diner::Diner;

/// Sends requests, each time from another network, so that no limit per client is met; cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU32,
    addresses: AtomicU32,
}

impl Client {
    /// To the server whose address begins with `base`.
    pub(crate) fn new(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, base: base.to_owned(), counters: Arc::default() })
    }

    /// Registers an address that nobody has, with [`Diner::PASSWORD`], and answers it.
    pub(crate) async fn register(&self) -> Result<String> {
        let email = self.new_address();
        let body = json!({ "email": email, "password": Diner::PASSWORD });
        let answer = self.post("/auth/register", &body, &[]).await?;
        ensure!(answer.status() == StatusCode::CREATED, "register answered {}", answer.status());
        Ok(email)
    }

    /// An address that was not used yet.
    pub(crate) fn new_address(&self) -> String {
        format!("b{}@example.com", self.counters.addresses.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends `body` with `headers`.
    pub(crate) async fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Result<Response> {
        self.send(self.http.post(format!("{}{path}", self.base)).json(body), headers).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
        self.send(self.http.get(format!("{}{path}", self.base)), headers).await
    }

    async fn send(&self, mut request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> Result<Response> {
        let [_, high, middle, low] = self.counters.requests.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // The server counts by the first three numbers.
        request = request.header("x-forwarded-for", format!("{}.{middle}.{low}.7", 11 + high % 100));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Ok(request.send().await?)
    }
}
