//! Requests that a client may repeat when it has lost the answer: the effect comes once, the first answer each time.
//!
//! The key, the effect and the answer are committed together, so a repeat finds all of them or none; only what succeeded is
//! kept, and a refusal is computed anew. A repeat that comes while the first is under way waits for it, as for every row for
//! two seconds at most, and is answered 503 with `Retry-After` then. The same key with another request is answered 422
//! (draft-ietf-httpapi-idempotency-key-header-07, section 2.7).

mod key;

#[cfg(all(test, feature = "testing"))]
mod tests;

use std::time::Duration;

use aws_lc_rs::hmac;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contracts::{Locale, UserId};
use data_encoding::BASE64URL_NOPAD;
use database::idempotency::{Claimed, KeptAnswer, claim, keep, trim};
use database::{Vault, WriteTransaction};
use serde::Serialize;

use crate::{Context, InLanguage, Problem, Task, Text};

pub use key::IdempotencyKey;

/// How long the key that a client has sent is kept.
pub const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// The same request without a key is a repeat for so long.
pub const REPEAT_WINDOW: Duration = Duration::from_secs(30);

const TRIM_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Rows deleted by one transaction, so that nobody waits long behind it.
const BATCH: u32 = 500;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A request that may come again.
#[derive(Debug)]
pub struct Request {
    scope: &'static str,
    caller: UserId,
    key: String,
    fingerprint: Vec<u8>,
    ttl: Duration,
}

/// What tells a request from all others of its caller.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// What the client has sent for it.
    Sent(&'a IdempotencyKey),
    /// The client has sent none: the same request within [`REPEAT_WINDOW`] is a repeat.
    Unsent,
}

/// Whether a request is a repeat.
#[derive(Debug)]
#[must_use]
pub enum Begun<'a> {
    /// It is not: its effect belongs into the transaction, and [`Fresh::answer`] behind it.
    Fresh(Fresh<'a>),
    /// It is: this was answered.
    Answered(Answer),
    /// Its key stands for another request.
    Reused,
}

/// A request whose answer is missing yet.
#[derive(Debug)]
#[must_use = "a request is committed with its answer"]
pub struct Fresh<'a>(&'a Request);

/// A body of JSON with its status and the language of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    language: Locale,
    body: String,
    is_replayed: bool,
}

impl Request {
    /// What `caller` asks for under `key`; `asked` is the request after it was parsed. `scope` names the ability: one key
    /// means different requests in two of them. Of `asked`, which may hold secrets, a MAC alone is kept.
    pub fn new(vault: &Vault, scope: &'static str, (caller, key): (UserId, Key<'_>), asked: &impl Serialize) -> Self {
        let json = serde_json::to_vec(asked).expect("what was parsed has texts as the keys of its maps");
        let fingerprint = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &vault.key(scope)), &json).as_ref().to_vec();
        let (key, ttl) = match key {
            Key::Sent(key) => (format!("k:{}", key.as_str()), RETENTION),
            Key::Unsent => (format!("b:{}", BASE64URL_NOPAD.encode(&fingerprint)), REPEAT_WINDOW),
        };
        Self { scope, caller, key, fingerprint, ttl }
    }

    fn row(&self) -> database::idempotency::Request<'_> {
        let Self { scope, caller, key, fingerprint, ttl: _ } = self;
        database::idempotency::Request { scope, caller: *caller, key, fingerprint }
    }
}

/// Finds out with the open transaction whether `request` is a repeat, and takes its key if it is not. The transaction is one that
/// waits for others on the same row (`begin_read_committed`, `begin_locked`): in any other the second of two requests that come
/// at once is refused as every update that was overtaken.
///
/// # Errors
/// The database is away, or the same request has been under way for two seconds.
pub async fn begin<'a>(tx: &WriteTransaction, request: &'a Request) -> database::Result<Begun<'a>> {
    Ok(match claim(tx, &request.row(), tx.now() - request.ttl).await? {
        Claimed::New => Begun::Fresh(Fresh(request)),
        Claimed::Answered { fingerprint, .. } if fingerprint != request.fingerprint => Begun::Reused,
        Claimed::Answered { answer, .. } => Begun::Answered(answer.into()),
    })
}

impl Fresh<'_> {
    /// Keeps `answer` with the open transaction, for the repeats.
    ///
    /// # Errors
    /// The database is away, or the answer is longer than [`database::idempotency::LONGEST_ANSWER`].
    pub async fn answer(self, tx: &WriteTransaction, answer: &Answer) -> database::Result<()> {
        keep(tx, &self.0.row(), &answer.into()).await
    }
}

impl Answer {
    /// `body` as JSON, whose text is in `language`.
    pub fn json(status: StatusCode, language: Locale, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("an answer has texts as the keys of its maps");
        Self { status, language, body, is_replayed: false }
    }
}

impl From<&Answer> for KeptAnswer {
    fn from(answer: &Answer) -> Self {
        let status = i16::try_from(answer.status.as_u16()).expect("a status has three digits");
        Self { status, language: answer.language.as_str().to_owned(), body: answer.body.clone() }
    }
}

impl From<KeptAnswer> for Answer {
    fn from(KeptAnswer { status, language, body }: KeptAnswer) -> Self {
        let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let status = status.unwrap_or(StatusCode::OK);
        Self { status, language: language.parse().unwrap_or_default(), body, is_replayed: true }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let Self { status, language, body, is_replayed } = self;
        let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let mut response = InLanguage(language, (status, json, body)).into_response();
        if is_replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// 422: the key of a request stands for another one.
#[must_use]
pub fn reused() -> Problem {
    let text = Text::new(
        "Bu Idempotency-Key başka bir istekle kullanıldı.",
        "This Idempotency-Key was used with another request.",
    );
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED", text)
}

/// Forgets requests that are older than [`RETENTION`], of all services in the database of `context`.
#[must_use]
pub fn trimming(context: &Context) -> Task {
    let (database, sources) = (context.database.clone(), &context.sources);
    Task::every(TRIM_INTERVAL, "idempotency trim", sources, move || {
        let database = database.clone();
        async move { forget_old(&database).await }
    })
}

async fn forget_old(database: &database::Database) -> database::Result<()> {
    loop {
        let tx = database.begin_read_committed().await?;
        let rows = trim(&tx, tx.now() - RETENTION, BATCH).await?;
        tx.commit().await?;
        if rows < u64::from(BATCH) {
            return Ok(());
        }
    }
}
