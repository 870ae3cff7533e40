//! Requests through the router, as a client sees them.

mod mailbox;
mod send;
mod unsubscribe;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HOST};
use axum::http::{HeaderMap, Method, Request};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use contracts::{Role, Secret, SessionId, UserId};
use http_body_util::BodyExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{AccessClaims, FeedEpoch, Guard, HEADER_TYPE, ISSUER, TokenKeys};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fixture::{Fixture, server, settings};
use crate::mailer::Mailer;

const SECRET: &str = "a secret of at least thirty-two bytes";

/// A browser on this machine, whose reader wants English.
struct Client {
    router: Router,
    token: Option<String>,
    idempotency_key: Option<&'static str>,
    peer: SocketAddr,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Client {
    async fn of(mailer: &Arc<Mailer>) -> Self {
        let keys = TokenKeys::Shared { secret: Secret::new(SECRET), access_ttl: Duration::from_secs(15 * 60) };
        let guard = Guard::new(mailer.context.ephemeral.clone(), mailer.context.sources.clone(), &keys);
        let (store, sources) = (mailer.context.ephemeral.as_ref(), &mailer.context.sources);
        FeedEpoch::begin(store, sources, store.incarnation().await.unwrap()).await.unwrap();
        guard.prepare().await.unwrap();
        let (router, _) = super::routes(mailer).split_for_parts();
        let router = router.layer(from_fn(kit::render_problems)).layer(Extension(guard));
        Self { router, token: None, idempotency_key: None, peer: ([127, 0, 0, 1], 50_000).into() }
    }

    /// The same browser, signed in.
    async fn signed_in(mailer: &Arc<Mailer>, role: Role) -> Self {
        let now = mailer.context.now().timestamp();
        let claims = AccessClaims {
            role,
            iss: ISSUER.to_owned(),
            sub: UserId(mailer.context.sources.uuid()),
            exp: now + 900,
            iat: now,
            jti: "a token".to_owned(),
            sid: Some(SessionId(mailer.context.sources.uuid())),
            aud: None,
        };
        let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
        Self { token: Some(token), ..Self::of(mailer).await }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Body::empty()).await
    }

    async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.ask(Method::POST, path, body.into()).await
    }

    async fn ask(&self, method: Method, path: &str, body: Body) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header(ACCEPT_LANGUAGE, "en").header(HOST, "localhost:8080");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = self.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request = request.extension(ConnectInfo(self.peer)).body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

#[tokio::test]
async fn the_service_tells_the_truth_about_its_health() {
    let fixture = Fixture::new().await;
    let with_mailbox = Client::of(&fixture.with_mailbox()).await;
    let without_server = Client::of(&fixture.with_settings(&settings(server(1)))).await;

    let healthy = with_mailbox.get("/notification/health").await;
    let degraded = without_server.get("/notification/health").await;
    fixture.context.database.close().await.unwrap();
    let shared = with_mailbox.get("/notification/health").await;
    fixture.clock.advance(Duration::from_secs(1));
    let broken = with_mailbox.get("/notification/health").await;

    assert_eq!((healthy.status, healthy.json()), (200, json!({ "message": "OK" })));
    assert_eq!((degraded.status, &degraded.json()["message"]), (200, &"DEGRADED".into()));
    assert_eq!(shared.status, 200, "the answer of a second ago serves everybody");
    assert_eq!(broken.status, 503);
}

#[tokio::test]
async fn the_types_are_those_of_the_first_platform_and_ours() {
    let fixture = Fixture::new().await;

    let types = Client::of(&fixture.with_mailbox()).await.get("/notification/types").await;

    assert_eq!((types.header("content-language"), types.header("vary")), ("en", "accept-language"));
    insta::assert_snapshot!(serde_json::to_string_pretty(&types.json()).unwrap(), @r#"
    {
      "supported_types": [
        {
          "description": "Link that proves an e-mail address",
          "required_variables": [
            "code"
          ],
          "type": "verification"
        },
        {
          "description": "Link for choosing a new password",
          "required_variables": [
            "code"
          ],
          "type": "password_reset"
        },
        {
          "description": "Offer of a restaurant",
          "required_variables": [
            "title",
            "description"
          ],
          "type": "discount"
        },
        {
          "description": "The address already has an account",
          "required_variables": [],
          "type": "already_registered"
        },
        {
          "description": "The password was changed",
          "required_variables": [],
          "type": "password_changed"
        },
        {
          "description": "A session was ended for safety",
          "required_variables": [],
          "type": "session_revoked"
        },
        {
          "description": "A sign-in from a new device",
          "required_variables": [],
          "type": "new_device"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn the_routes_are_described() {
    let fixture = Fixture::new().await;

    let (_, description) = super::routes(&fixture.with_mailbox()).split_for_parts();

    let paths: Vec<&String> = description.paths.paths.keys().collect();
    assert_eq!(
        paths,
        [
            "/mailbox",
            "/mailbox/messages",
            "/mailbox/{id}",
            "/mailbox/{id}/letter",
            "/notification/health",
            "/notification/send",
            "/notification/types",
            "/notification/unsubscribe",
        ]
    );
}
