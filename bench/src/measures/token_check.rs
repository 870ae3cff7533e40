//! What the check of an access token costs that was seen before, with ten thousand revocations in force.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use clock::Sources;
use contracts::{Role, SessionId, UserId};
use data_encoding::BASE64URL_NOPAD;
use ephemeral::{Embedded, EphemeralStore};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kit::access::{
    AUDIENCE, AccessClaims, FEED_EPOCH, Guard, HEADER_TYPE, ISSUER, JWKS_KEY, Refusal, Revocation, TokenKeys,
};
use serde_json::json;

use crate::load::count;
use crate::report::{Row, Target};

const REVOCATIONS: usize = 10_000;
const CHECKS: u32 = 200_000;
const LIFETIME: Duration = Duration::from_secs(900);

pub(crate) async fn warm() -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let sources = Sources::system();
    let store = Arc::new(Embedded::open(folder.path(), sources.clone())?);
    let key = Ed25519KeyPair::generate()?;
    let public = BASE64URL_NOPAD.encode(key.public_key().as_ref());
    let jwks = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "bench", "x": public }] });
    store.put(JWKS_KEY, &serde_json::to_vec(&jwks)?, LIFETIME).await?;
    store.put(FEED_EPOCH, b"now", LIFETIME).await?;
    let guard = Guard::new(store, sources.clone(), &TokenKeys::Published);
    guard.prepare().await?;
    let revoked = SessionId(sources.uuid());
    for session in std::iter::once(revoked).chain((1..REVOCATIONS).map(|_| SessionId(sources.uuid()))) {
        guard.revoke(Revocation { session, until: sources.now() + LIFETIME }).await?;
    }
    let ended = mint(&key, &sources, revoked)?;
    let token = mint(&key, &sources, SessionId(sources.uuid()))?;
    ensure!(matches!(guard.check(&ended).await, Err(Refusal::Revoked)), "a revoked token is taken");
    guard.check(&token).await.context("a good token is refused")?;

    let begun = Instant::now();
    for _ in 0..CHECKS {
        black_box(guard.check(black_box(&token)).await?);
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / count(CHECKS.into());
    let detail = format!("mean of {CHECKS} checks on one core, {REVOCATIONS} revocations");
    Ok(Row::new("token check, warm", each, "µs", Target::AtMost(5.0), detail))
}

fn mint(key: &Ed25519KeyPair, sources: &Sources, session: SessionId) -> Result<String> {
    let now = sources.now();
    let claims = AccessClaims {
        role: Role::User,
        iss: ISSUER.to_owned(),
        sub: UserId(sources.uuid()),
        exp: (now + LIFETIME).timestamp(),
        iat: now.timestamp(),
        jti: sources.uuid().to_string(),
        sid: Some(session),
        aud: Some(AUDIENCE.to_owned()),
    };
    let header =
        Header { typ: Some(HEADER_TYPE.to_owned()), kid: Some("bench".to_owned()), ..Header::new(Algorithm::EdDSA) };
    let private = key.to_pkcs8()?;
    Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(private.as_ref()))?)
}
