//! Somebody who sends requests to the routes of a service.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::{Extension, Router};
use contracts::{Role, Secret, SessionId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, Ask, EventReader};
use crate::access::{AccessClaims, Guard, HEADER_TYPE, ISSUER, TokenKeys};
use crate::{Context, EventStreams, StreamLimits, render_problems};

const MOST_STREAMS: NonZeroU32 = NonZeroU32::new(1_000).unwrap();
const SECRET: &str = "a secret of at least thirty-two bytes";

/// Sends requests, with or without a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    streams: EventStreams,
    context: Context,
    headers: Vec<(String, String)>,
    address: Option<String>,
}

impl Client {
    /// Somebody before `routes` of whom nothing is known but that they are on this machine and read English. Tokens are signed
    /// with a secret that the guard shares.
    #[must_use]
    pub fn anonymous(routes: impl Into<Router>, context: &Context) -> Self {
        let keys = TokenKeys::Shared { secret: Secret::new(SECRET), access_ttl: Duration::from_secs(15 * 60) };
        let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &keys);
        Self::before(routes, guard, context).at("127.0.0.1").with_header("accept-language", "en")
    }

    /// Somebody of whom nothing at all is known, where `guard` checks the tokens.
    #[must_use]
    pub fn before(routes: impl Into<Router>, guard: Guard, context: &Context) -> Self {
        let limits = StreamLimits { total: MOST_STREAMS, per_client: MOST_STREAMS };
        let streams =
            EventStreams::new(limits, guard.clone(), context.sources.clone(), context.database.vault().clone());
        Self {
            router: routes
                .into()
                .layer(from_fn(render_problems))
                .layer(Extension(guard))
                .layer(Extension(streams.clone())),
            streams,
            context: context.clone(),
            headers: Vec::new(),
            address: None,
        }
    }

    /// Somebody who orders food.
    #[must_use]
    pub fn user(&self, id: UserId) -> Self {
        self.signed_in(id, Role::User)
    }

    /// Somebody who owns restaurants.
    #[must_use]
    pub fn manager(&self, id: UserId) -> Self {
        self.signed_in(id, Role::Manager)
    }

    /// Somebody who runs the platform.
    #[must_use]
    pub fn admin(&self, id: UserId) -> Self {
        self.signed_in(id, Role::Admin)
    }

    /// With a token that lives for a month, so that a test may let days pass.
    fn signed_in(&self, id: UserId, role: Role) -> Self {
        let now = self.context.now().timestamp();
        let claims = AccessClaims {
            role,
            iss: ISSUER.to_owned(),
            sub: id,
            exp: now + 30 * 24 * 60 * 60,
            iat: now,
            jti: "a token".to_owned(),
            sid: Some(SessionId(self.context.sources.uuid())),
            aud: None,
        };
        let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        self.with_token(&jsonwebtoken::encode(&header, &claims, &key).unwrap())
    }

    /// With `token`, whatever that is worth.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// The same as a browser before pages: the token in its cookie, as if the sign-in had set it, and cookies besides.
    #[must_use]
    pub fn in_browser(&self, cookies: &str) -> Self {
        let token = self.token().map(|token| format!("access={token}; ")).unwrap_or_default();
        let mut client = self.with_header("cookie", &format!("{token}{cookies}"));
        client.headers.retain(|(name, _)| name != "authorization");
        client
    }

    /// The token that it comes with.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        let sent = self.headers.iter().find(|(name, _)| name == "authorization");
        sent.and_then(|(_, value)| value.strip_prefix("Bearer "))
    }

    /// With a header in every request.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// Elsewhere.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self.clone() }
    }

    /// Sends `ask`, with what it does not say itself.
    pub async fn send(&self, ask: Ask) -> Answer {
        Answer::of(self.respond(ask).await).await
    }

    async fn respond(&self, mut ask: Ask) -> Response {
        for (name, value) in &self.headers {
            if !ask.has_header(name) {
                ask = ask.header(name, value);
            }
        }
        if let Some(address) = &self.address {
            ask = ask.from(address);
        }
        self.router.clone().oneshot(ask.into_request()).await.unwrap()
    }

    /// Opens a stream of events; what answers something else is answered whole.
    ///
    /// # Errors
    /// There is no stream.
    pub async fn open(&self, ask: Ask) -> Result<EventReader, Answer> {
        let response = self.respond(ask).await;
        if response.status() == StatusCode::OK {
            Ok(EventReader::of(response))
        } else {
            Err(Answer::of(response).await)
        }
    }

    /// The streams of the process that answers.
    #[must_use]
    pub fn streams(&self) -> &EventStreams {
        &self.streams
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Ask::get(path)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Ask::delete(path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Ask::post(path, body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Ask::put(path, body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Ask::patch(path, body)).await
    }
}
