//! Request bodies, with our own answers to what is not one.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::{Problem, Text};

/// A JSON object. Unknown fields are ignored, as the first platform does.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON object, or the same fields from a form of ours that works without JavaScript.
#[derive(Debug)]
pub enum Form<T> {
    /// Sent by a program, which expects JSON back.
    Json(T),
    /// Sent by a page, which expects a page back.
    Page(T),
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if media_type(request.headers()).is_some_and(|media| !is_json(&media)) {
            return Err(unsupported());
        }
        let body = read(request, state).await?;
        parse_json(&body).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match media_type(request.headers()) {
            Some(media) if media == "application/x-www-form-urlencoded" => {
                let fields = axum::Form::from_request(request, state).await;
                let axum::Form(fields) = fields.map_err(|rejection| refusal(rejection.status()))?;
                Ok(Self::Page(fields))
            }
            _ => Json::from_request(request, state).await.map(|Json(body)| Self::Json(body)),
        }
    }
}

/// The media type without its parameters; `None` when the client names none, which the first platform accepts.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(CONTENT_TYPE)?.to_str().unwrap_or("unreadable");
    Some(header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn is_json(media: &str) -> bool {
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| refusal(rejection.status()))
}

/// Our own words for a body that could not be taken in.
fn refusal(status: StatusCode) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { malformed() }
}

fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // Parsed in two steps: first the text, then the object, so that "not JSON" and "not an object" are one answer.
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    if !value.is_object() {
        return Err(malformed());
    }
    serde_json::from_value(value).map_err(|_| malformed())
}

fn malformed() -> Problem {
    let text = Text::new(
        "İstek gövdesi okunamadı; bir JSON nesnesi bekleniyor.",
        "The request body can't be read; a JSON object is expected.",
    );
    Problem::new(StatusCode::BAD_REQUEST, "INVALID_PAYLOAD", text)
}

fn unsupported() -> Problem {
    let text = Text::new("İçerik türü application/json olmalıdır.", "The content type must be application/json.");
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", text)
}

pub(crate) fn too_large() -> Problem {
    let text = Text::new("İstek gövdesi çok büyük.", "The request body is too large.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", text)
}
