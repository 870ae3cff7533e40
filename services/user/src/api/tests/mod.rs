//! Requests through the router, as a client sees them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod favorites;
mod preferences;
mod profile;

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use axum::http::{Method, Request, StatusCode};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use contracts::{Role, Secret, SessionId, UserId};
use http_body_util::BodyExt;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{AccessClaims, FeedEpoch, Guard, HEADER_TYPE, ISSUER, TokenKeys};
use serde_json::Value;
use tower::ServiceExt;

use crate::fixture::{Fixture, on_every_database};

const SECRET: &str = "a secret of at least thirty-two bytes";

/// Somebody with or without a token, who reads English.
struct Client {
    router: Router,
    token: Option<String>,
}

impl Client {
    fn anonymous(fixture: &Fixture) -> Self {
        let keys = TokenKeys::Shared { secret: Secret::new(SECRET), access_ttl: Duration::from_secs(15 * 60) };
        let guard = Guard::new(fixture.context.ephemeral.clone(), fixture.context.sources.clone(), &keys);
        let (router, _) = super::routes().with_state(fixture.context.clone()).split_for_parts();
        Self { router: router.layer(from_fn(kit::render_problems)).layer(Extension(guard)), token: None }
    }

    fn signed_in(fixture: &Fixture, user_id: UserId) -> Self {
        Self { token: Some(token(fixture, user_id)), ..Self::anonymous(fixture) }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, Body::empty()).await
    }

    async fn delete(&self, path: &str) -> (u16, Value) {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, body.to_string().into()).await
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::PUT, path, body.to_string().into()).await
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).header(ACCEPT_LANGUAGE, "en");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let answer = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&answer).unwrap())
    }
}

/// An access token that lives for a month, so that a test may let days pass.
fn token(fixture: &Fixture, user_id: UserId) -> String {
    let now = fixture.context.now().timestamp();
    let claims = AccessClaims {
        role: Role::User,
        iss: ISSUER.to_owned(),
        sub: user_id,
        exp: now + 30 * 24 * 60 * 60,
        iat: now,
        jti: "a token".to_owned(),
        sid: Some(SessionId(fixture.context.sources.uuid())),
        aud: None,
    };
    let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// The fields that a 422 names, with their codes.
fn faults(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn the_service_answers_for_its_health_to_everybody() {
    on_every_database(async |fixture| {
        let anonymous = Client::anonymous(&fixture);
        let healthy = anonymous.get("/users/health").await;
        fixture.context.database.close().await.unwrap();
        let shared = anonymous.get("/users/health").await;
        fixture.clock.advance(Duration::from_secs(1));
        let (status, _) = anonymous.get("/users/health").await;

        assert_eq!(healthy, (200, serde_json::json!({ "status": "ok" })));
        assert_eq!(shared, healthy, "the answer of a second ago serves everybody");
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE.as_u16());
    })
    .await;
}

#[tokio::test]
async fn everything_else_needs_a_valid_session() {
    on_every_database(async |fixture| {
        let anonymous = Client::anonymous(&fixture);
        let forged = Client { token: Some("forged".to_owned()), ..Client::anonymous(&fixture) };
        let paths = ["/users/me", "/users/preferences", "/favorites", "/favorites/restaurants", "/favorites/cuisines"];

        for path in paths {
            let (without, answer) = anonymous.get(path).await;
            let (with_forged, refusal) = forged.get(path).await;

            assert_eq!((without, &answer["code"]), (401, &"NO_TOKEN".into()), "{path}");
            assert_eq!((with_forged, &refusal["code"]), (401, &"INVALID_TOKEN".into()), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_path_is_also_taken_with_a_slash_at_its_end() {
    on_every_database(async |fixture| {
        let ayse = Client::signed_in(&fixture, fixture.new_user());

        assert_eq!(ayse.get("/favorites/").await, ayse.get("/favorites").await);
        assert_eq!(ayse.get("/users/me/").await.0, 404);
        assert_eq!(ayse.delete("/favorites/cuisine/kebap/").await, (200, Value::Null));
    })
    .await;
}

#[tokio::test]
async fn nobody_works_on_what_is_anothers() {
    on_every_database(async |fixture| {
        let (user_id, other) = (fixture.new_user(), fixture.new_user());
        let ayse = Client::signed_in(&fixture, user_id);
        let cuisine = |user_id| serde_json::json!({ "cuisine": "kebap", "user_id": user_id });

        let in_query = ayse.get(&format!("/favorites?user_id={other}")).await;
        let in_body = ayse.post("/favorites/cuisine", cuisine(other)).await;
        let own_in_query = ayse.get(&format!("/favorites?user_id={user_id}")).await;
        let own_in_body = ayse.post("/favorites/cuisine", cuisine(user_id)).await;

        assert_eq!((in_query.0, &in_query.1["code"]), (403, &"OTHER_USER".into()));
        assert_eq!((in_body.0, &in_body.1["code"]), (403, &"OTHER_USER".into()));
        assert_eq!((own_in_query.0, own_in_body.0), (200, 200));
    })
    .await;
}

#[tokio::test]
async fn a_process_that_starts_answers_nobody_by_a_feed_of_another_run_of_the_store() {
    on_every_database(async |fixture| {
        let store = fixture.context.ephemeral.as_ref();
        FeedEpoch::begin(store, &fixture.context.sources, "an earlier run".to_owned()).await.unwrap();
        let ayse = Client::signed_in(&fixture, fixture.new_user());

        let doubted = ayse.get("/favorites").await.0;
        let incarnation = store.incarnation().await.unwrap();
        FeedEpoch::begin(store, &fixture.context.sources, incarnation).await.unwrap();
        let published_again = ayse.get("/favorites").await.0;

        assert_eq!((doubted, published_again), (503, 200));
    })
    .await;
}

#[test]
fn every_route_for_owners_tells_that_it_refuses_others() {
    let (_, description) = super::routes().split_for_parts();
    let description = serde_json::to_value(description).unwrap();

    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let owned: Vec<_> = operations.filter(|(.., operation)| operation.get("security").is_some()).collect();

    assert_eq!(owned.len(), 12);
    for (path, method, operation) in owned {
        assert!(operation["responses"].get("403").is_some(), "{method} {path}");
    }
}
