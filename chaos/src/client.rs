//! A client that lives through kills: it repeats what was cut off and writes down what was acknowledged.

use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::ledger::{Ledger, Tokens};

/// One client, with new addresses for each journey.
pub(crate) struct Client {
    number: u64,
    random: StdRng,
    base: String,
    network: String,
    http: reqwest::Client,
    mails: Arc<SmtpSink>,
    ledger: Ledger,
    sources: Sources,
}

/// How long a mail may take; a kill and a restart fit in several times.
const MAIL: Duration = Duration::from_secs(60);
/// How long a client goes on repeating one request.
const PATIENCE: Duration = Duration::from_secs(60);

/// A journey ends early when the server refuses for a reason that a client can't mend, such as a limit.
type Step<T> = Option<T>;

impl Client {
    pub(crate) fn new(number: u64, seed: u64, base: &str, mails: Arc<SmtpSink>, ledger: Ledger) -> Self {
        Self {
            number,
            random: StdRng::seed_from_u64(seed),
            base: base.to_owned(),
            network: String::new(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(15)).build().expect("no option can fail"),
            mails,
            ledger,
            sources: Sources::system(),
        }
    }

    /// Makes journeys until `stop`, and finishes the one under way.
    pub(crate) async fn work(mut self, stop: CancellationToken) {
        let mut journey = 0;
        while !stop.is_cancelled() {
            journey += 1;
            self.network = format!("10.{}.{}.7", self.number, journey % 250);
            let email = format!("c{}j{journey}@example.com", self.number);
            self.journey(&email).await;
        }
    }

    async fn journey(&mut self, email: &str) -> Step<()> {
        let first = format!("ilk parola {email:.3} {}", self.random.random::<u32>());
        let tokens = self.register_and_verify(email, &first).await?;
        let tokens = self.refresh(tokens).await?;
        if self.random.random_bool(0.5) {
            self.log_out(&tokens).await?;
        } else {
            let second = format!("yeni parola {}", self.random.random::<u32>());
            self.reset(email, &second, tokens).await?;
        }
        Some(())
    }

    async fn register_and_verify(&mut self, email: &str, password: &str) -> Step<Tokens> {
        let (status, _) = self.post("/auth/register", &json!({ "email": email, "password": password }), None).await?;
        self.expect(status == StatusCode::CREATED, || format!("register answered {status}"))?;
        self.ledger.promises().mails.push((email.to_owned(), "verify-email"));
        let token = self.token_from_mail(email, "verify-email", &[]).await?;
        let (status, body) = self.post("/auth/verify-email", &json!({ "token": token }), None).await?;
        self.expect(status == StatusCode::OK, || format!("verify-email answered {status}: {body}"))?;
        self.ledger.promises().verified.push(email.to_owned());
        self.tokens(&body)
    }

    /// Repeats with the same key until it is answered, as a careful client does.
    async fn refresh(&mut self, tokens: Tokens) -> Step<Tokens> {
        let key = format!("{:032x}", self.random.random::<u128>());
        let body = json!({ "refresh_token": tokens.refresh });
        let (status, body) = self.post("/auth/refresh", &body, Some(&key)).await?;
        self.expect(status == StatusCode::OK, || format!("refresh answered {status}: {body}"))?;
        self.tokens(&body)
    }

    async fn log_out(&mut self, tokens: &Tokens) -> Step<()> {
        let (status, body) = self.request("/auth/logout", &json!({}), None, Some(&tokens.access)).await?;
        // A repeat of a log-out that was done before its answer was cut off finds the session ended.
        let done = status == StatusCode::OK || (status == StatusCode::UNAUTHORIZED && body["code"] == "TOKEN_REVOKED");
        self.expect(done, || format!("logout answered {status}: {body}"))?;
        self.ledger.promises().ended.push(tokens.clone());
        Some(())
    }

    async fn reset(&mut self, email: &str, password: &str, ended: Tokens) -> Step<()> {
        let (status, body) = self.post("/auth/forgot-password", &json!({ "email": email }), None).await?;
        self.expect(status == StatusCode::OK, || format!("forgot-password answered {status}: {body}"))?;
        self.ledger.promises().mails.push((email.to_owned(), "reset-password"));
        let mut tried = Vec::new();
        loop {
            let token = self.token_from_mail(email, "reset-password", &tried).await?;
            let (status, body) =
                self.post("/auth/reset-password", &json!({ "token": token, "password": password }), None).await?;
            if status == StatusCode::OK || self.opens(email, password).await? {
                break;
            }
            // A request that was cut off may have sent a newer link, which cancels this one.
            self.expect(body["code"] == "INVALID_TOKEN", || format!("reset-password answered {status}: {body}"))?;
            tried.push(token);
        }
        self.ledger.promises().ended.push(ended);
        self.ledger.promises().reset.push(email.to_owned());
        let opens = self.opens(email, password).await?;
        self.expect(opens, || format!("the new password of {email} opens nothing"))
    }

    /// Whether the password opens the account. The answer to a reset may have been cut off after it was done.
    async fn opens(&self, email: &str, password: &str) -> Step<bool> {
        let (status, _) = self.post("/auth/login", &json!({ "email": email, "password": password }), None).await?;
        Some(status == StatusCode::OK)
    }

    /// The token of the newest link for `purpose` in the mails to `email` that was not `tried` yet.
    async fn token_from_mail(&self, email: &str, purpose: &str, tried: &[String]) -> Step<String> {
        let link = format!("/{purpose}?token=");
        let token = self
            .mails
            .find(MAIL, |mails| {
                let own = mails.iter().rev().filter(|mail| mail.to.iter().any(|to| to == email));
                own.filter_map(|mail| token_behind(&mail.text(), &link)).find(|token| !tried.contains(token))
            })
            .await;
        self.expect(token.is_some(), || format!("no {purpose} mail came for {email}"))?;
        token
    }

    fn tokens(&self, body: &Value) -> Step<Tokens> {
        let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
        let tokens = text("access_token").zip(text("refresh_token"));
        self.expect(tokens.is_some(), || format!("an answer lacks its tokens: {body}"))?;
        tokens.map(|(access, refresh)| Tokens { access, refresh })
    }

    async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Step<(StatusCode, Value)> {
        self.request(path, body, key, None).await
    }

    /// Repeats until the server answers something that is not of the moment.
    async fn request(
        &self,
        path: &str,
        body: &Value,
        key: Option<&str>,
        access: Option<&str>,
    ) -> Step<(StatusCode, Value)> {
        let deadline = self.sources.now() + PATIENCE;
        while self.sources.now() < deadline {
            let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
            request = request.header("x-forwarded-for", &self.network);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Some(access) = access {
                request = request.bearer_auth(access);
            }
            if let Some(answer) = self.answer(request).await {
                match answer.0 {
                    StatusCode::SERVICE_UNAVAILABLE => {}
                    // A retried register or forgot may run into the mail limit: a new journey takes a new address.
                    StatusCode::TOO_MANY_REQUESTS => return None,
                    _ => return Some(answer),
                }
            }
            self.sources.sleep(Duration::from_millis(20)).await;
        }
        self.expect(false, || format!("{path} was not answered for {PATIENCE:?}"))?;
        None
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Option<(StatusCode, Value)> {
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(_) => return self.count_cut_off(),
        };
        let status = answer.status();
        match answer.bytes().await {
            Ok(body) => {
                self.ledger.promises().answers += 1;
                Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
            }
            Err(_) => self.count_cut_off(),
        }
    }

    fn count_cut_off(&self) -> Option<(StatusCode, Value)> {
        self.ledger.promises().cut_off += 1;
        None
    }

    /// Writes down an answer that no promise allows, and ends the journey.
    fn expect(&self, holds: bool, complaint: impl FnOnce() -> String) -> Step<()> {
        if !holds {
            self.ledger.promises().broken.push(complaint());
        }
        holds.then_some(())
    }
}

fn token_behind(text: &str, link: &str) -> Option<String> {
    let (_, rest) = text.split_once(link)?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
}
