//! Who may use these routes, where no platform follows the feed of revocations.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::{Extension, Router};
use bus::BusUrl;
use clock::{ManualClock, SeededRandom, Sources, Timestamp};
use contracts::{Role, Secret, SessionId, UserId};
use database::{DatabaseUrl, Vault};
use ephemeral::{Embedded, EphemeralStore};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{AccessClaims, FeedEpoch, Guard, HEADER_TYPE, ISSUER, TokenKeys};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;

const SECRET: &str = "a secret of at least thirty-two bytes";
const ROUTES: [(&str, &str); 7] = [
    ("GET", "/admin/dead-letters"),
    ("GET", "/admin/dead-letters/1"),
    ("POST", "/admin/dead-letters/1/replay"),
    ("POST", "/admin/dead-letters/1/discard"),
    ("POST", "/admin/dead-letters/replay"),
    ("POST", "/admin/dead-letters/discard"),
    ("GET", "/admin/topics"),
];

/// The routes and a guard that nobody keeps up to date.
struct Office {
    router: Router,
    clock: ManualClock,
    sources: Sources,
    _folder: TempDir,
}

impl Office {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
        let sources = Sources::new(clock.clone(), SeededRandom::new(1));
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let database = Database::connect(&url, sources.clone(), Vault::new(&[7; 32])).await.unwrap();
        database.migrate(bus::MIGRATIONS).await.unwrap();
        let bus = Bus::open(&BusUrl::Embedded, database.clone(), Vec::new()).await.unwrap();
        let store = Embedded::open(&folder.path().join("ephemeral"), sources.clone()).unwrap();
        FeedEpoch::begin(&store, &sources, store.incarnation().await.unwrap()).await.unwrap();
        let guard = Guard::new(
            Arc::new(store),
            sources.clone(),
            &TokenKeys::Shared { secret: Secret::new(SECRET), access_ttl: Duration::from_secs(15 * 60) },
        );
        guard.prepare().await.unwrap();
        let (router, _) = build(database, bus).routes.split_for_parts();
        let router = router.layer(from_fn(kit::render_problems)).layer(Extension(guard));
        Self { router, clock, sources, _folder: folder }
    }

    fn token(&self, role: Role) -> String {
        let now = self.sources.now().timestamp();
        let claims = AccessClaims {
            role,
            iss: ISSUER.to_owned(),
            sub: UserId(self.sources.uuid()),
            exp: now + 900,
            iat: now,
            jti: "a token".to_owned(),
            sid: Some(SessionId(self.sources.uuid())),
            aud: None,
        };
        let header = Header { typ: Some(HEADER_TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
    }

    async fn ask(&self, (method, path): (&str, &str), token: Option<&str>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.header("content-type", "application/json").body(Body::from(r#"{"all":true}"#)).unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }
}

#[tokio::test]
async fn every_route_is_for_admins_alone() {
    let office = Office::open().await;
    let tokens = [Role::User, Role::Manager, Role::Admin].map(|role| office.token(role));

    for route in ROUTES {
        let anonymous = office.ask(route, None).await.status();
        let [user, manager, admin] = &tokens;
        let [user, manager, admin] = [
            office.ask(route, Some(user)).await.status(),
            office.ask(route, Some(manager)).await.status(),
            office.ask(route, Some(admin)).await.status(),
        ];

        assert_eq!(
            [anonymous, user, manager],
            [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN],
            "{route:?}"
        );
        assert!(matches!(admin, StatusCode::OK | StatusCode::NOT_FOUND), "{route:?}: {admin}");
    }
}

#[tokio::test]
async fn nobody_acts_here_while_revocations_are_not_known() {
    let office = Office::open().await;
    let admin = office.token(Role::Admin);

    office.clock.advance(Duration::from_secs(3));
    let patient = office.ask(ROUTES[0], Some(&admin)).await.status();
    office.clock.advance(Duration::from_millis(1));

    assert_eq!(patient, StatusCode::OK);
    for route in ROUTES {
        let silent = office.ask(route, Some(&admin)).await;
        assert_eq!(silent.status(), StatusCode::SERVICE_UNAVAILABLE, "{route:?}");
        assert_eq!(silent.headers()[RETRY_AFTER], "1");
    }
}
