//! The server under test, its mail server, and the requests that are sent to it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clock::Sources;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Server, SmtpSink};

use crate::diner::Diner;
use crate::load::keep_busy;

/// How long a mail may take until the bench gives up.
const MAIL: Duration = Duration::from_secs(60);

/// The platform in a folder of its own, until it is dropped.
pub(crate) struct Platform {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) mails: SmtpSink,
    pub(crate) sources: Sources,
    _folder: TempDir,
}

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

impl Platform {
    pub(crate) async fn start(binary: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mails = SmtpSink::start().await.context("the mail server can't be started")?;
        let port = mails.port().to_string();
        let environment = [
            ("EMAIL_HOST", "127.0.0.1"),
            ("EMAIL_PORT", port.as_str()),
            ("EMAIL_TLS", "none"),
            ("EMAIL_FROM", "liman@example.com"),
            ("TRUSTED_PROXIES", "127.0.0.1/32"),
        ];
        let mut server = Server::new(binary, &folder.path().join("data"), &environment)?;
        server.start().await?;
        let client = Client::new(&server.url(""))?;
        Ok(Self { server, client, mails, sources: Sources::system(), _folder: folder })
    }

    pub(crate) fn process_id(&self) -> Result<u32> {
        self.server.process_id().context("the server is not running")
    }

    /// `count` diners who have proven their mailboxes.
    pub(crate) async fn diners(&self, count: usize) -> Result<Vec<Diner>> {
        let mut diners = Vec::with_capacity(count);
        for _ in 0..count {
            let email = self.client.register().await?;
            let token = self.verification_token(&email).await?;
            diners.push(Diner::verify(self.client.clone(), email, &token).await?);
        }
        Ok(diners)
    }

    async fn verification_token(&self, email: &str) -> Result<String> {
        let link = "/auth/verify-email?token=";
        let look = |mails: &[testkit::ReceivedMail]| {
            let text = mails.iter().find(|mail| mail.to.iter().any(|to| to == email))?.text();
            let (_, rest) = text.split_once(link)?;
            Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
        };
        self.mails.find(MAIL, look).await.with_context(|| format!("no verification mail came for {email}"))
    }

    /// How many registrations a second the server takes when `width` clients do nothing else for `time`.
    pub(crate) async fn register_for(&self, width: usize, time: Duration) -> Result<crate::load::Work> {
        let clients = vec![self.client.clone(); width];
        let register = |client: Client| async move {
            client.register().await?;
            Ok(client)
        };
        Ok(keep_busy(clients, time, register).await?.1)
    }
}

impl Client {
    fn new(base: &str) -> Result<Self> {
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
