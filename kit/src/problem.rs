//! Every error answer: RFC 9457 problem details, which also carry what clients of the first platform read.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use contracts::Locale;
use database::DatabaseError;
use ephemeral::EphemeralError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::excerpt::{LONGEST_PATH, excerpt};
use crate::fault::{Fault, FaultBody};
use crate::{InLanguage, Language, Text};

/// An error answer before its language is known. [`render_problems`] turns it into a body.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    text: Text,
    faults: Vec<Fault>,
    /// Few have any, and every refusal is carried as an error.
    members: Option<Box<Members>>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// An error with a stable `code` and its text in every language.
    #[must_use]
    pub const fn new(status: StatusCode, code: &'static str, text: Text) -> Self {
        Self { status, code, text, faults: Vec::new(), members: None, retry_after: None }
    }

    /// 400: the request can't be done as it was sent.
    #[must_use]
    pub const fn bad_request(code: &'static str, tr: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, Text::new(tr, en))
    }

    /// 401: the caller is not signed in, or no longer.
    #[must_use]
    pub const fn unauthorized(code: &'static str, tr: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, Text::new(tr, en))
    }

    /// 403: the caller may not.
    #[must_use]
    pub const fn forbidden(code: &'static str, tr: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, Text::new(tr, en))
    }

    /// 404: what is asked for is not there.
    #[must_use]
    pub const fn not_found(code: &'static str, tr: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, Text::new(tr, en))
    }

    /// 409: what stands there does not allow it.
    #[must_use]
    pub const fn conflict(code: &'static str, tr: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code, Text::new(tr, en))
    }

    /// 422: `faults` name every field that is wrong.
    #[must_use]
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let text = Text::new("Gönderilen bilgilerde hata var.", "Some fields are not valid.");
        Self { faults, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", text) }
    }

    /// 503: something that this answer needs is away for the moment.
    #[must_use]
    pub fn unavailable() -> Self {
        let text = Text::new(
            "Hizmet şu anda kullanılamıyor, lütfen birazdan yeniden deneyin.",
            "The service is unavailable for the moment, please try again shortly.",
        );
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", text).retry_after(Duration::from_secs(1))
    }

    /// 503: something that this answer needs is missing until the operator sets it; `text` says what.
    #[must_use]
    pub(crate) fn unavailable_until_set(text: Text) -> Self {
        Self { text, ..Self::unavailable() }
    }

    /// 500: a fault of ours. What it was is logged here, once, and not answered.
    #[must_use]
    pub fn unexpected(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = error, "a request failed unexpectedly");
        let text = Text::new("Beklenmeyen bir hata oluştu.", "An unexpected error occurred.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", text)
    }

    /// Says when the client may come back, in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Names the field that is at fault, for an answer other than 422.
    #[must_use]
    pub fn naming(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Adds a member of its own to the body (RFC 9457, section 3.2), for a client that can do something with it.
    ///
    /// # Panics
    /// `value` has something else than texts as the keys of a map.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("a member of a body has texts as the keys of its maps");
        self.members.get_or_insert_default().0.insert(name, value);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What distinguishes it, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// What happened, apart from its fields.
    #[must_use]
    pub fn text(&self, locale: Locale) -> &str {
        self.text.in_locale(locale)
    }

    /// Every field that is wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Takes the problem out of `response`, or the one that a router means by its empty answer, for whoever renders it.
    pub fn take(response: &mut Response) -> Option<Self> {
        response.extensions_mut().remove().or_else(|| made_by_router(response))
    }

    /// The value of its `Retry-After` header.
    #[must_use]
    pub fn retry_after_header(&self) -> Option<HeaderValue> {
        self.retry_after.map(|delay| whole_seconds(delay).into())
    }

    /// What it says to a reader, for a page or a terminal: every fault of a field, or else the text.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        if self.faults.is_empty() {
            return self.text.in_locale(locale).to_owned();
        }
        let messages: Vec<String> = self.faults.iter().map(|fault| fault.body(locale).message).collect();
        messages.join(" ")
    }

    /// One sentence, for clients that read no other: of the fields that are wrong the first, and how many more there are.
    fn detail(&self, locale: Locale) -> String {
        match self.faults.split_first() {
            Some((first, others)) if self.status == StatusCode::UNPROCESSABLE_ENTITY => {
                let FaultBody { field, message, .. } = first.body(locale);
                format!("{field}: {message}{}", and_more(others.len(), locale))
            }
            Some(_) | None => self.text.in_locale(locale).to_owned(),
        }
    }

    /// What a client needs that is not signed in (RFC 6750, section 3).
    fn challenge(&self) -> Option<HeaderValue> {
        let value = if self.code == "NO_TOKEN" { "Bearer" } else { "Bearer error=\"invalid_token\"" };
        (self.status == StatusCode::UNAUTHORIZED).then(|| HeaderValue::from_static(value))
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(_) => {
                tracing::warn!(%error, "a request was refused");
                Self::unavailable()
            }
            DatabaseError::Taken { .. }
            | DatabaseError::NewerSchema(_)
            | DatabaseError::OlderSchema(_)
            | DatabaseError::ForeignLog(_)
            | DatabaseError::Unsupported(_)
            | DatabaseError::Unexpected(_) => Self::unexpected(&error),
        }
    }
}

impl From<EphemeralError> for Problem {
    fn from(error: EphemeralError) -> Self {
        match error {
            EphemeralError::Unavailable(_) => {
                tracing::warn!(%error, "a request was refused");
                Self::unavailable()
            }
            EphemeralError::Absent => Self::unavailable_until_set(Text::new(
                "Bu hizmet REDIS_URL ayarlanmadan oturumları doğrulayamaz.",
                "This service can't check sessions until REDIS_URL is set.",
            )),
            EphemeralError::Foreign { .. } => Self::unexpected(&error),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        Self::unexpected(error.as_ref())
    }
}

/// The bare status with the problem at hand; without [`render_problems`] around it, a client sees no body.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The JSON of an error: RFC 9457, with `code`, `message` and `error` for clients of the first platform.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` distinguishes the problems.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened, in the language of the request; where fields are wrong, what is wrong with the first one.
    detail: String,
    /// The path that was asked.
    instance: String,
    /// Stable, for programs.
    code: &'static str,
    /// The same as `detail`.
    message: String,
    /// The same as `detail`.
    error: String,
    /// Every field that is wrong: with status 422, and with 400 where one field is at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultBody>,
}

/// What a problem alone says.
#[derive(Debug, Clone, Default, Serialize)]
struct Members(HashMap<&'static str, Value>);

/// The body with that.
#[derive(Serialize)]
struct ExtendedBody {
    #[serde(flatten)]
    body: ProblemBody,
    #[serde(flatten)]
    members: Option<Box<Members>>,
}

/// Middleware that writes the body of every problem in the request's language, also of those that the router makes itself.
pub async fn render_problems(request: Request, next: Next) -> Response {
    let Language(locale) = Language::of(request.headers());
    let path = excerpt(request.uri().path(), LONGEST_PATH).into_owned();
    let mut response = next.run(request).await;
    let Some(problem) = Problem::take(&mut response) else { return response };

    let detail = problem.detail(locale);
    let body = ProblemBody {
        r#type: "about:blank",
        title: problem.status.canonical_reason().unwrap_or("Error"),
        status: problem.status.as_u16(),
        instance: path,
        code: problem.code,
        message: detail.clone(),
        error: detail.clone(),
        errors: problem.faults.iter().map(|fault| fault.body(locale)).collect(),
        detail,
    };
    let retry_after = problem.retry_after_header();
    let challenge = problem.challenge();
    let body = ExtendedBody { body, members: problem.members };
    let mut rendered = InLanguage(locale, (problem.status, Json(body))).into_response();
    rendered.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = retry_after {
        rendered.headers_mut().insert(RETRY_AFTER, seconds);
    }
    if let Some(challenge) = challenge {
        rendered.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    if let Some(allow) = response.headers_mut().remove(ALLOW) {
        rendered.headers_mut().insert(ALLOW, allow);
    }
    rendered
}

fn and_more(count: usize, locale: Locale) -> String {
    match count {
        0 => String::new(),
        1 => locale.say(" (1 alan daha hatalı.)", " (1 more field is wrong.)").to_owned(),
        _ => format!(" ({count} {})", locale.say("alan daha hatalı.", "more fields are wrong.")),
    }
}

fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}

/// Unknown paths and wrong methods are answered by the router with an empty body.
fn made_by_router(response: &Response) -> Option<Problem> {
    if response.headers().contains_key(CONTENT_TYPE) {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => {
            let text = Text::new("Aradığınız sayfa bulunamadı.", "There is nothing at this path.");
            Some(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", text))
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            let text = Text::new("Bu yöntem burada kullanılamaz.", "This method is not allowed here.");
            Some(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text))
        }
        _ => None,
    }
}
