//! Requests that a client may repeat when it has lost the answer: the effect comes once, the first answer each time.
//!
//! The key, the effect and the answer are committed together, by [`Fresh::commit`] alone, so a repeat finds all of them or none;
//! only what succeeded is kept, and a refusal is computed anew. A repeat that comes while the first is under way waits for it, as for every row for
//! two seconds at most, and is answered 503 with `Retry-After` then. The same key with another request is answered 422
//! (draft-ietf-httpapi-idempotency-key-header-07, section 2.7).

mod key;

#[cfg(all(test, feature = "testing"))]
mod tests;

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use anyhow::Context as _;
use aws_lc_rs::hmac;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use contracts::{Locale, UserId};
use data_encoding::BASE64URL_NOPAD;
use database::idempotency::{Claimed, KeptAnswer, Window, claim, keep, trim};
use database::{Vault, WriteTransaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Context, InLanguage, Problem, Task, Text};

pub use key::IdempotencyKey;

/// How long the key that a client has sent is kept.
pub const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// The same request without a key is a repeat for so long, by whichever replica's clock.
pub const REPEAT_WINDOW: Duration = Duration::from_secs(30);
/// The clocks of two replicas differ by no more.
const SKEW: Duration = Duration::from_secs(60);

const TRIM_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Rows deleted by one transaction, so that nobody waits long behind it.
const BATCH: u32 = 500;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A request that may come again.
#[derive(Debug, Clone)]
pub struct Request {
    scope: &'static str,
    caller: UserId,
    key: String,
    fingerprint: Vec<u8>,
    counts: Counts,
}

/// For how long a request is kept to know a repeat by.
#[derive(Debug, Clone, Copy)]
enum Counts {
    /// [`RETENTION`]. What was dated by a clock that was ahead counts, too: the client says itself that it is a repeat.
    ForADay,
    /// [`REPEAT_WINDOW`], as far as the clocks of two replicas agree. How long ago a request was that is dated further ahead
    /// than they differ, nobody knows, so it is another one.
    Shortly,
    /// [`REPEAT_WINDOW`], by the clock of whoever asks: where two clocks differ, it is as much shorter or longer.
    ShortlyExactly,
}

/// What distinguishes a request from all others of its caller.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// What the client has sent for it.
    Sent(&'a IdempotencyKey),
    /// The client has sent none: the same request within [`REPEAT_WINDOW`] is a repeat. For what costs money, such as an order:
    /// clients of the first platform send no keys.
    Unsent,
}

/// Whether a request is a repeat.
#[derive(Debug)]
#[must_use]
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum Begun {
    /// It is not: its effect belongs into this transaction.
    Fresh(Fresh),
    /// It is: this was answered.
    Answered(Answer),
    /// Its key stands for another request.
    Reused,
}

/// The transaction of a request whose answer is missing yet. It can't be committed without; dropped, nothing was asked.
#[must_use = "a request is committed with its answer"]
pub struct Fresh {
    tx: WriteTransaction,
    request: Option<Request>,
}

/// A body of JSON with its status and the language of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    language: Locale,
    body: String,
    is_replayed: bool,
}

/// The body of an [`Answer`] that names what was created, and nothing else of it.
#[derive(Serialize, Deserialize)]
struct Created<I> {
    id: I,
}

impl Request {
    /// What `caller` asks for under `key`; `asked` is the request after it was parsed. `scope` names the ability: one key
    /// means different requests in two of them. Of `asked`, which may hold secrets, a MAC alone is kept.
    pub fn new(vault: &Vault, scope: &'static str, (caller, key): (UserId, Key<'_>), asked: &impl Serialize) -> Self {
        let json = serde_json::to_vec(asked).expect("what was parsed has texts as the keys of its maps");
        let fingerprint = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &vault.key(scope)), &json).as_ref().to_vec();
        let (key, counts) = match key {
            Key::Sent(key) => (format!("k:{}", key.as_str()), Counts::ForADay),
            Key::Unsent => (format!("b:{}", BASE64URL_NOPAD.encode(&fingerprint)), Counts::Shortly),
        };
        Self { scope, caller, key, fingerprint, counts }
    }

    /// The same, where somebody may well want it a second time, and where that costs nothing: without a key it is another request
    /// as soon as [`REPEAT_WINDOW`] is over, and not only once it is over by every clock.
    #[must_use]
    pub fn exactly(self) -> Self {
        let counts = match self.counts {
            Counts::Shortly | Counts::ShortlyExactly => Counts::ShortlyExactly,
            Counts::ForADay => Counts::ForADay,
        };
        Self { counts, ..self }
    }

    /// Whether the client has named it, and so waits for the answer to it alone.
    #[must_use]
    pub fn is_named(&self) -> bool {
        matches!(self.counts, Counts::ForADay)
    }

    fn row(&self) -> database::idempotency::Request<'_> {
        let Self { scope, caller, key, fingerprint, counts: _ } = self;
        database::idempotency::Request { scope, caller: *caller, key, fingerprint }
    }
}

/// Finds out with the open transaction whether `request` is a repeat, and takes its key if it is not; without a request that may
/// come again it is none. The transaction is one that waits for others on the same row (`begin_read_committed`,
/// `begin_locked`): in any other the second of two requests that come at once is refused as every update that was overtaken.
///
/// # Errors
/// The database is away, the same request has been under way for two seconds, or what is kept for it is no answer.
pub async fn begin(tx: WriteTransaction, request: Option<Request>) -> database::Result<Begun> {
    let Some(request) = request else { return Ok(Begun::Fresh(Fresh { tx, request: None })) };
    Ok(match claim(&tx, &request.row(), request.counts.window(tx.now())).await? {
        Claimed::New => Begun::Fresh(Fresh { tx, request: Some(request) }),
        Claimed::Answered { fingerprint, .. } if fingerprint != request.fingerprint => Begun::Reused,
        Claimed::Answered { answer, .. } => Begun::Answered(answer.into()),
    })
}

/// What was answered to the request, if it is a repeat. Whoever has to know that before [`begin`] lets its repeats wait for each
/// other by a lock of its own.
///
/// # Errors
/// The database is away.
pub async fn find(tx: &WriteTransaction, request: &Request) -> database::Result<Option<Answer>> {
    let kept = database::idempotency::find(tx, &request.row(), request.counts.window(tx.now())).await?;
    Ok(kept.map(Answer::from))
}

/// Keeps `answer` instead of what was answered to `request` before it was known how it ends.
///
/// # Errors
/// As those of [`Fresh::commit`].
pub async fn replace(tx: &WriteTransaction, request: &Request, answer: &Answer) -> database::Result<()> {
    keep(tx, &request.row(), &answer.kept()).await
}

/// Forgets the request: the next one like it is another.
///
/// # Errors
/// The database is away.
pub async fn forget(tx: &WriteTransaction, request: &Request) -> database::Result<()> {
    database::idempotency::forget(tx, &request.row()).await
}

impl Counts {
    fn window(self, now: Timestamp) -> Window {
        let (after, until) = match self {
            Self::ForADay => (now - RETENTION, None),
            Self::Shortly => (now - REPEAT_WINDOW - SKEW, Some(now + SKEW)),
            Self::ShortlyExactly => (now - REPEAT_WINDOW, Some(now + REPEAT_WINDOW)),
        };
        Window { after, until }
    }
}

impl Fresh {
    /// Commits the effect with `answer`, which is kept for the repeats, and gives it back.
    ///
    /// # Errors
    /// Those of [`WriteTransaction::commit`], or the answer is longer than [`database::idempotency::LONGEST_ANSWER`].
    pub async fn commit(self, answer: Answer) -> database::Result<Answer> {
        let Self { tx, request } = self;
        if let Some(request) = request {
            keep(&tx, &request.row(), &answer.kept()).await?;
        }
        tx.commit().await?;
        Ok(answer)
    }
}

impl Deref for Fresh {
    type Target = WriteTransaction;

    fn deref(&self) -> &WriteTransaction {
        &self.tx
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fresh").field("request", &self.request).finish_non_exhaustive()
    }
}

impl Answer {
    /// `body` as JSON, whose text is in `language`.
    pub fn json(status: StatusCode, language: Locale, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("an answer has texts as the keys of its maps");
        Self { status, language, body, is_replayed: false }
    }

    /// What the form of a page is answered, whose repeats need no more than the `id` of what the first one has created.
    pub fn created(id: impl Serialize) -> Self {
        Self::json(StatusCode::CREATED, Locale::Tr, &Created { id })
    }

    /// The id in such an answer, made now or when the form was sent before.
    ///
    /// # Errors
    /// Another answer was kept.
    pub fn id<I: DeserializeOwned>(&self) -> anyhow::Result<I> {
        let Created { id } = serde_json::from_str(&self.body).context("an answer names no id")?;
        Ok(id)
    }

    /// The same under another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same as what a repeat is answered, where that is not what was kept.
    #[must_use]
    pub fn replayed(self) -> Self {
        Self { is_replayed: true, ..self }
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    fn kept(&self) -> KeptAnswer {
        KeptAnswer { status: self.status.as_u16(), language: self.language, body: self.body.clone() }
    }
}

impl From<KeptAnswer> for Answer {
    fn from(KeptAnswer { status, language, body }: KeptAnswer) -> Self {
        let status = StatusCode::from_u16(status).expect("what is kept has a status of three digits");
        Self { status, language, body, is_replayed: true }
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
