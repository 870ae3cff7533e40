//! A client that lives through faults: it repeats what was cut off and writes down what was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clock::Sources;
use lezzetlimani::services::{ServedBy, ServiceName};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::SmtpSink;
use tokio_util::sync::CancellationToken;

use crate::ledger::{Ledger, LostByWipe, Tokens, UnansweredRequest};

/// One client, with new addresses for each journey.
pub(crate) struct Client {
    number: u64,
    journeys: u64,
    random: StdRng,
    doors: Doors,
    network: String,
    /// How often the clock had jumped when the journey began.
    jumps: u32,
    http: reqwest::Client,
    mails: Arc<SmtpSink>,
    ledger: Ledger,
    sources: Sources,
}

/// Where the services are reached, and how long to wait there.
#[derive(Clone)]
pub(crate) struct Doors {
    /// Every replica of each service.
    pub(crate) of: BTreeMap<ServiceName, Vec<String>>,
    /// After so long without an answer a request is cut off, and repeated at any door.
    pub(crate) answer: Duration,
    /// How long a client waits before it repeats a request.
    pub(crate) retry: Duration,
    /// How long a mail may take.
    pub(crate) mail: Duration,
    /// How long a client rests after a journey, at most.
    pub(crate) rest: Duration,
}

impl Doors {
    /// Every replica that serves `path`, which one service alone has.
    pub(crate) fn serving(&self, path: &str) -> &[String] {
        match ServedBy::of(path) {
            Some(ServedBy::Service(service)) => &self.of[&service],
            Some(ServedBy::Everyone) | None => panic!("no one service has {path}"),
        }
    }
}

/// How long a client goes on repeating one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A journey ends early when the server refuses for a reason that a client can't mend, such as a limit.
type Step<T> = Option<T>;

/// The status and the body of an answer.
type Answer = (StatusCode, Value);

/// A request that may be sent more than once.
#[derive(Clone, Copy)]
struct Wish<'a> {
    path: &'a str,
    body: Option<&'a Value>,
    key: Option<&'a str>,
    access: Option<&'a str>,
}

impl Client {
    pub(crate) fn new(number: u64, seed: u64, doors: Doors, mails: Arc<SmtpSink>, ledger: Ledger) -> Self {
        Self {
            number,
            journeys: 0,
            random: StdRng::seed_from_u64(seed),
            http: reqwest::Client::builder().timeout(doors.answer).build().expect("no option can fail"),
            doors,
            network: String::new(),
            jumps: 0,
            mails,
            ledger,
            sources: Sources::system(),
        }
    }

    /// Makes journeys until `stop`, and finishes the one under way.
    pub(crate) async fn work(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let email = self.next_address();
            self.journey(&email).await;
            let rest = self.doors.rest.mul_f64(self.random.random());
            stop.run_until_cancelled(self.sources.sleep(rest)).await;
        }
    }

    /// Registers a fresh address and proves its mailbox; answers the address.
    pub(crate) async fn prove_mailbox(&mut self) -> Option<String> {
        let email = self.next_address();
        let password = self.password("ilk");
        self.register_and_verify(&email, &password).await?;
        Some(email)
    }

    /// The address of the next journey.
    pub(crate) fn coming_address(&self) -> String {
        format!("c{}j{}@example.com", self.number, self.journeys + 1)
    }

    /// A network of its own for each journey, so that no limit per network slows the run.
    fn next_address(&mut self) -> String {
        let address = self.coming_address();
        self.journeys += 1;
        self.jumps = self.ledger.promises().jumps;
        self.network = format!("10.{}.{}.7", self.number, self.journeys % 250);
        address
    }

    fn password(&mut self, word: &str) -> String {
        format!("{word} parola {}", self.random.random::<u32>())
    }

    async fn journey(&mut self, email: &str) -> Step<()> {
        let first = self.password("ilk");
        let tokens = self.register_and_verify(email, &first).await?;
        self.read_accounts(&tokens).await?;
        let tokens = self.refresh(tokens).await?;
        self.read_accounts(&tokens).await?;
        if self.random.random_bool(0.5) {
            self.log_out(&tokens).await?;
        } else {
            let second = self.password("yeni");
            self.reset(email, &second, tokens).await?;
        }
        Some(())
    }

    async fn register_and_verify(&mut self, email: &str, password: &str) -> Step<Tokens> {
        let wipes = self.ledger.promises().wipes;
        let (status, _) = self.post("/auth/register", &json!({ "email": email, "password": password }), None).await?;
        self.expect(status == StatusCode::CREATED, || format!("register answered {status}"))?;
        self.ledger.promises().mails.push((email.to_owned(), "verify-email"));
        let token = self.token_from_mail(email, "verify-email", &[]).await?;
        let (status, body) = self.post("/auth/verify-email", &json!({ "token": token }), None).await?;
        if body["code"] == "INVALID_TOKEN" && !self.opens(email, password).await? {
            let was_wiped = self.note_wipe(wipes, |lost| &mut lost.registrations);
            self.expect(was_wiped, || format!("verify-email answered {status} to {email}: {body}"))?;
            return None;
        }
        self.ledger.promises().verified.push(email.to_owned());
        // The answer to a verification was cut off, and its repeat came too late to get the same session.
        if body["code"] == "INVALID_TOKEN" {
            return None;
        }
        self.expect(status == StatusCode::OK, || format!("verify-email answered {status}: {body}"))?;
        self.tokens(&body)
    }

    /// Nobody is logged out by an outage.
    async fn read_accounts(&mut self, tokens: &Tokens) -> Step<()> {
        let wish = |path| Wish { path, body: None, key: None, access: Some(&tokens.access) };
        let (status, body) = self.request(wish("/auth/me")).await?;
        self.expect(status == StatusCode::OK, || format!("/auth/me answered {status} to an open session: {body}"))?;
        let (status, body) = self.request(wish("/users/me")).await?;
        let is_known = status == StatusCode::OK || status == StatusCode::NOT_FOUND;
        self.expect(is_known, || format!("/users/me answered {status} to an open session: {body}"))
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
        let wish = Wish { path: "/auth/logout", body: Some(&json!({})), key: None, access: Some(&tokens.access) };
        let (status, body) = self.request(wish).await?;
        // A repeat of a log-out that was done before its answer was cut off finds the session ended.
        let done = status == StatusCode::OK || (status == StatusCode::UNAUTHORIZED && body["code"] == "TOKEN_REVOKED");
        self.expect(done, || format!("logout answered {status}: {body}"))?;
        self.ledger.promises().ended.push(tokens.clone());
        Some(())
    }

    async fn reset(&mut self, email: &str, password: &str, ended: Tokens) -> Step<()> {
        let wipes = self.ledger.promises().wipes;
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
            self.expect(body["code"] == "INVALID_TOKEN", || format!("reset-password answered {status}: {body}"))?;
            if self.note_wipe(wipes, |lost| &mut lost.links) {
                return None;
            }
            // A request that was cut off may have sent a newer link, which cancels this one.
            tried.push(token);
        }
        self.ledger.promises().ended.push(ended);
        self.ledger.promises().reset.push(email.to_owned());
        let opens = self.opens(email, password).await?;
        self.expect(opens, || format!("the new password of {email} opens nothing"))
    }

    /// Whether the password opens the account. The answer to a reset may have been cut off after it was done.
    async fn opens(&mut self, email: &str, password: &str) -> Step<bool> {
        let (status, _) = self.post("/auth/login", &json!({ "email": email, "password": password }), None).await?;
        Some(status == StatusCode::OK)
    }

    /// Counts what is missing as lost if the ephemeral store was wiped since there had been `wipes`.
    fn note_wipe(&self, wipes: u32, lost: impl FnOnce(&mut LostByWipe) -> &mut u64) -> bool {
        let mut promises = self.ledger.promises();
        let was_wiped = promises.wipes > wipes;
        if was_wiped {
            *lost(&mut promises.lost_by_wipe) += 1;
        }
        was_wiped
    }

    /// The token of the newest link for `purpose` in the mails to `email` that was not `tried` yet.
    async fn token_from_mail(&self, email: &str, purpose: &'static str, tried: &[String]) -> Step<String> {
        let link = format!("/{purpose}?token=");
        let token = self
            .mails
            .find(self.doors.mail, |mails| {
                let own = mails.iter().rev().filter(|mail| mail.to.iter().any(|to| to == email));
                own.filter_map(|mail| token_behind(&mail.text(), &link)).find(|token| !tried.contains(token))
            })
            .await;
        if token.is_none() {
            self.ledger.promises().missed_mails.push((email.to_owned(), purpose));
        }
        token
    }

    fn tokens(&self, body: &Value) -> Step<Tokens> {
        let text = |name: &str| body[name].as_str().map(ToOwned::to_owned);
        let tokens = text("access_token").zip(text("refresh_token"));
        self.expect(tokens.is_some(), || format!("an answer lacks its tokens: {body}"))?;
        tokens.map(|(access, refresh)| Tokens { access, refresh })
    }

    async fn post(&mut self, path: &str, body: &Value, key: Option<&str>) -> Step<Answer> {
        self.request(Wish { path, body: Some(body), key, access: None }).await
    }

    /// Repeats, at any door, until a server answers something that is not of the moment.
    async fn request(&mut self, wish: Wish<'_>) -> Step<Answer> {
        let deadline = self.sources.now() + REQUEST_TIMEOUT;
        while self.sources.now() < deadline {
            let door = self.any_door(wish.path);
            let sent = exchange(self.request_at(&door, wish)).await;
            if let Some(answer) = self.note(sent, &door, wish.path) {
                match answer.0 {
                    StatusCode::SERVICE_UNAVAILABLE => self.ledger.promises().refused += 1,
                    // A retried register or forgot may run into the mail limit: a new journey takes a new address.
                    StatusCode::TOO_MANY_REQUESTS => {
                        self.ledger.promises().refused += 1;
                        return None;
                    }
                    _ if self.is_of_another_time(&answer) => {
                        self.ledger.promises().ended_by_jump += 1;
                        return None;
                    }
                    _ => return Some(answer),
                }
            }
            self.sources.sleep(self.doors.retry).await;
        }
        self.expect(false, || format!("{} was not answered for {REQUEST_TIMEOUT:?}", wish.path))?;
        None
    }

    /// Whether a token is refused by a clock that jumped since the journey began.
    fn is_of_another_time(&self, (_, body): &Answer) -> bool {
        let is_refused = body["code"] == "TOKEN_EXPIRED" || body["code"] == "INVALID_TOKEN";
        is_refused && self.ledger.promises().jumps > self.jumps
    }

    fn any_door(&mut self, path: &str) -> String {
        let doors = self.doors.serving(path);
        doors[self.random.random_range(0..doors.len())].clone()
    }

    fn request_at(&self, door: &str, wish: Wish<'_>) -> reqwest::RequestBuilder {
        let Wish { path, body, key, access } = wish;
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.http.request(method, format!("{door}{path}"));
        request = request.header("x-forwarded-for", &self.network);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(access) = access {
            request = request.bearer_auth(access);
        }
        request
    }

    fn note(&self, sent: reqwest::Result<Answer>, door: &str, path: &str) -> Option<Answer> {
        let mut promises = self.ledger.promises();
        match sent {
            Ok(answer) => {
                promises.answers += 1;
                return Some(answer);
            }
            Err(error) if error.is_connect() => promises.unreached += 1,
            Err(error) => {
                promises
                    .unanswered
                    .push(UnansweredRequest { door: door.to_owned(), reason: format!("{path}: {error:?}") });
            }
        }
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

/// Sends `request` and reads its answer whole.
async fn exchange(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

fn token_behind(text: &str, link: &str) -> Option<String> {
    let (_, rest) = text.split_once(link)?;
    Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
}
