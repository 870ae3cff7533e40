use std::time::Duration;

use contracts::Secret;
use futures_util::future::join_all;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::TokenKeys;
use kit::on_every_database;
use kit::testing::{Engine, TestPorts};
use serde_json::{Value, json};

use crate::fixture::{Ask, Fixture, Held, settings};
use crate::{MIGRATIONS, Settings, actions};

on_every_database! {
    Fixture: what_peers_cannot_check_is_not_listed_for_them
}

on_every_database! {
    WithPeers:
    with_a_shared_secret_no_keys_are_made_or_published,
    a_refresh_token_of_a_peer_opens_nothing,
    a_token_of_a_peer_is_accepted_until_it_logs_out,
    peers_of_a_wiped_store_find_again_what_we_revoked,
    peers_find_what_we_revoke_and_only_while_it_matters,
}

const SECRET: &str = "a secret that is shared with peers";

struct WithPeers;

impl WithPeers {
    async fn on(engine: Engine) -> Option<Fixture> {
        let token_keys = TokenKeys::Shared { secret: Secret::new(SECRET), access_ttl: settings().access_ttl };
        let ports = TestPorts::fresh(engine, &[MIGRATIONS]).await?;
        Some(Fixture::with(ports, Settings { token_keys, ..settings() }).await)
    }
}

/// An access token as a peer of the first platform mints it.
fn minted_by_peer(fixture: &Fixture, user: &Value, jti: &str) -> String {
    minted_to_live(fixture, user, jti, 900)
}

/// A token of either kind as a peer of the first platform mints it: they differ in nothing but how long they live.
fn minted_to_live(fixture: &Fixture, user: &Value, jti: &str, seconds: i64) -> String {
    let now = fixture.auth.context.now().timestamp();
    let claims = json!({"role": "user", "iss": "auth", "sub": user, "exp": now + seconds, "iat": now, "jti": jti});
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

async fn with_a_shared_secret_no_keys_are_made_or_published(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    let published = fixture.ask(Ask::get("/auth/.well-known/jwks.json")).await;
    let rotated = crate::keys::rotate(&fixture.auth.context.database).await;

    assert_eq!(fixture.status_of(&held.access).await, 200);
    assert_eq!(published.json(), json!({"keys": []}));
    assert!(matches!(rotated, Err(crate::AuthError::NoSigningKeys)));
}

async fn a_refresh_token_of_a_peer_opens_nothing(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let me = fixture.ask(Ask::get("/auth/me").bearer(&held.access)).await.json();
    let week = minted_to_live(&fixture, &me["id"], "week", 7 * 24 * 60 * 60);
    let [longest, longer] =
        [960, 961].map(|seconds| minted_to_live(&fixture, &me["id"], &seconds.to_string(), seconds));

    let refused = fixture.ask(Ask::get("/auth/me").bearer(&week)).await;

    assert_eq!((refused.status, refused.code().as_str()), (401, "INVALID_TOKEN"));
    assert_eq!((fixture.status_of(&longest).await, fixture.status_of(&longer).await), (200, 401));
}

async fn a_token_of_a_peer_is_accepted_until_it_logs_out(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    let me = fixture.ask(Ask::get("/auth/me").bearer(&held.access)).await.json();
    let [one, other] = ["one", "other"].map(|jti| minted_by_peer(&fixture, &me["id"], jti));

    let accepted = fixture.status_of(&one).await;
    let logout = fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&one)).await;
    let refused = fixture.ask(Ask::get("/auth/me").bearer(&one)).await;

    assert_eq!((accepted, logout.status), (200, 200));
    assert_eq!((refused.status, refused.code().as_str()), (401, "TOKEN_REVOKED"));
    assert_eq!(fixture.status_of(&other).await, 200);
    assert_eq!(fixture.status_of(&held.access).await, 200);
}

async fn peers_of_a_wiped_store_find_again_what_we_revoked(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;
    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;
    fixture.ephemeral.lose(&flag(&held)).await;
    fixture.ephemeral.lose("feed:epoch").await;

    actions::sweep::sweep(&fixture.auth).await.unwrap();

    fixture.ephemeral.lose(&flag(&held)).await;
}

async fn what_peers_cannot_check_is_not_listed_for_them(fixture: Fixture) {
    let held = fixture.sign_up("ayse@example.com").await;

    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held.access)).await;

    assert_eq!(fixture.status_of(&held.access).await, 401);
    assert_eq!(fixture.auth.context.ephemeral.get(&flag(&held)).await.unwrap(), None);
}

/// Where peers look whether the access token is revoked.
fn flag(held: &Held) -> String {
    let claims = data_encoding::BASE64URL_NOPAD.decode(held.access.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    format!("blacklist:{}", claims["jti"].as_str().unwrap())
}

async fn peers_find_what_we_revoke_and_only_while_it_matters(fixture: Fixture) {
    let mut held = vec![fixture.sign_up("ayse@example.com").await];
    for _ in 0..4 {
        fixture.clock.advance(Duration::from_secs(60));
        held.push(Held::by(&fixture.refresh(&held[held.len() - 1].refresh).await));
    }
    let ephemeral = fixture.auth.context.ephemeral.clone();
    let flags = async || join_all(held.iter().map(async |held| ephemeral.get(&flag(held)).await.unwrap())).await;

    fixture.ask(Ask::post("/auth/logout", json!({})).bearer(&held[4].access)).await;

    assert_eq!(flags().await, vec![Some(b"1".to_vec()); 5]);
    fixture.clock.advance(Duration::from_secs(17 * 60));
    assert_eq!(flags().await, vec![None; 5]);
}
