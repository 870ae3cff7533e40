//! Sends requests as a client does that lives through faults: what was cut off or refused for the moment is repeated, at any door,
//! and all of it is written down.

use std::collections::BTreeMap;
use std::time::Duration;

use clock::Sources;
use lezzetlimani::services::{ServedBy, ServiceName};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::ledger::{Ledger, UnansweredRequest};

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
pub(crate) type Step<T> = Option<T>;

/// The status and the body of an answer.
pub(crate) type Answer = (StatusCode, Value);

/// A request that may be sent more than once.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    path: &'a str,
    body: Option<&'a Value>,
    key: Option<&'a str>,
    access: Option<&'a str>,
}

impl<'a> Wish<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self { path, body: None, key: None, access: None }
    }

    pub(crate) fn post(path: &'a str, body: &'a Value) -> Self {
        Self { body: Some(body), ..Self::get(path) }
    }

    /// With the access token of whoever asks.
    pub(crate) fn by(self, access: &'a str) -> Self {
        Self { access: Some(access), ..self }
    }

    /// With an idempotency key.
    pub(crate) fn under(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }
}

/// Whoever sends the requests of one client.
pub(crate) struct HttpClient {
    doors: Doors,
    network: String,
    /// How often the clock had jumped when the journey began.
    jumps: u32,
    random: StdRng,
    http: reqwest::Client,
    ledger: Ledger,
    sources: Sources,
}

impl HttpClient {
    pub(crate) fn new(seed: u64, doors: Doors, ledger: Ledger) -> Self {
        Self {
            http: reqwest::Client::builder().timeout(doors.answer).build().expect("no option can fail"),
            doors,
            network: String::new(),
            jumps: 0,
            random: StdRng::seed_from_u64(seed),
            ledger,
            sources: Sources::system(),
        }
    }

    pub(crate) fn doors(&self) -> &Doors {
        &self.doors
    }

    /// A journey begins that comes from `network`.
    pub(crate) fn begin_journey(&mut self, network: String) {
        self.network = network;
        self.jumps = self.ledger.promises().jumps;
    }

    /// Whether the clock has jumped since then.
    pub(crate) fn has_jumped(&self) -> bool {
        self.ledger.promises().jumps > self.jumps
    }

    /// A key that no other request has.
    pub(crate) fn new_key(&mut self) -> String {
        format!("{:032x}", self.random.random::<u128>())
    }

    /// Repeats, at any door, until a server answers something that is not of the moment.
    pub(crate) async fn request(&mut self, wish: Wish<'_>) -> Step<Answer> {
        let deadline = self.sources.now() + REQUEST_TIMEOUT;
        while self.sources.now() < deadline {
            let door = self.any_door(wish.path);
            let sent = exchange(self.request_at(&door, wish)).await;
            if let Some(answer) = self.note(sent, &door, wish.path) {
                match answer.0 {
                    StatusCode::SERVICE_UNAVAILABLE => self.ledger.promises().refused += 1,
                    // Another request of the diner, such as one whose answer was lost, is under way.
                    StatusCode::CONFLICT if answer.1["code"] == "CHECKOUT_IN_PROGRESS" => {
                        self.ledger.promises().refused += 1;
                    }
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
        self.ledger.expect(false, || format!("{} was not answered for {REQUEST_TIMEOUT:?}", wish.path))?;
        None
    }

    /// Whether a token is refused by a clock that jumped since the journey began.
    fn is_of_another_time(&self, (_, body): &Answer) -> bool {
        let is_refused = body["code"] == "TOKEN_EXPIRED" || body["code"] == "INVALID_TOKEN";
        is_refused && self.has_jumped()
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
}

/// Sends `request` and reads its answer whole.
async fn exchange(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}
