//! Requests as a client writes them, and answers as it reads them.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// A request.
pub struct Ask {
    request: Builder,
    body: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its number.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Ask {
    /// GET.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self { request: Request::get(path), body: String::new() }
    }

    /// DELETE.
    #[must_use]
    pub fn delete(path: &str) -> Self {
        Self { request: Request::delete(path), body: String::new() }
    }

    /// POST with a JSON body.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "written at the call as a literal")]
    pub fn post(path: &str, body: Value) -> Self {
        Self::post_text(path, "application/json", &body.to_string())
    }

    /// PUT with a JSON body.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "written at the call as a literal")]
    pub fn put(path: &str, body: Value) -> Self {
        Self::put_text(path, "application/json", &body.to_string())
    }

    /// PATCH with a JSON body.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "written at the call as a literal")]
    pub fn patch(path: &str, body: Value) -> Self {
        Self { request: Request::patch(path).header(CONTENT_TYPE, "application/json"), body: body.to_string() }
    }

    /// POST with any body.
    #[must_use]
    pub fn post_text(path: &str, content_type: &str, body: &str) -> Self {
        Self { request: Request::post(path).header(CONTENT_TYPE, content_type), body: body.to_owned() }
    }

    /// PUT with any body.
    #[must_use]
    pub fn put_text(path: &str, content_type: &str, body: &str) -> Self {
        Self { request: Request::put(path).header(CONTENT_TYPE, content_type), body: body.to_owned() }
    }

    /// POST with a form.
    #[must_use]
    pub fn form(path: &str, body: &str) -> Self {
        Self::post_text(path, "application/x-www-form-urlencoded", body)
    }

    /// With a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With an access token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// With a cookie, `name=value`.
    #[must_use]
    pub fn cookie(self, pair: &str) -> Self {
        self.header(COOKIE.as_str(), pair)
    }

    /// Comes from `address`.
    #[must_use]
    pub fn from(self, address: &str) -> Self {
        let peer = SocketAddr::new(address.parse().unwrap(), 4711);
        Self { request: self.request.extension(ConnectInfo(peer)), ..self }
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.request.headers_ref().is_some_and(|headers| headers.contains_key(name))
    }

    pub(super) fn into_request(self) -> Request<Body> {
        self.request.body(Body::from(self.body)).unwrap()
    }
}

impl Answer {
    /// Reads `response` whole.
    pub async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// Its body, read as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// `name=value` of the cookie that it sets.
    #[must_use]
    pub fn cookie(&self) -> Option<String> {
        let line = self.headers.get(SET_COOKIE)?.to_str().unwrap();
        Some(line.split(';').next().unwrap().to_owned())
    }

    /// Its number and its JSON.
    #[must_use]
    pub fn parts(&self) -> (u16, Value) {
        (self.status, self.json())
    }

    /// A header that it has.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The code of a problem; empty where it is none.
    #[must_use]
    pub fn code(&self) -> String {
        self.json().get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The fields that the body of a 422 names, with their codes.
///
/// # Panics
/// It names none.
#[must_use]
pub fn faults(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}
