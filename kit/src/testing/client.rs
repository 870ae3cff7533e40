//! Somebody who sends requests to the routes of a service.

use std::time::Duration;

use axum::middleware::from_fn;
use axum::{Extension, Router};
use contracts::{Role, Secret, SessionId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, Ask};
use crate::access::{AccessClaims, Guard, HEADER_TYPE, ISSUER, TokenKeys};
use crate::{Context, render_problems};

const SECRET: &str = "a secret of at least thirty-two bytes";

/// Sends requests, with or without a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
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
        Self {
            router: routes.into().layer(from_fn(render_problems)).layer(Extension(guard)),
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
    pub async fn send(&self, mut ask: Ask) -> Answer {
        for (name, value) in &self.headers {
            if !ask.has_header(name) {
                ask = ask.header(name, value);
            }
        }
        if let Some(address) = &self.address {
            ask = ask.from(address);
        }
        Answer::of(self.router.clone().oneshot(ask.into_request()).await.unwrap()).await
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
