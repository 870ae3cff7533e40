//! What the check of an access token costs, with ten thousand revocations in force: of one that was seen before, and of one
//! that was not.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clock::Sources;
use contracts::SessionId;
use ephemeral::{Embedded, EphemeralStore};
use kit::access::{FeedEpoch, Guard, JWKS_KEY, Refusal, Revocation, TokenKeys};

use crate::access_token::{ACCESS_TTL, Mint};
use crate::load::count;
use crate::report::{Row, Target};

const REVOCATIONS: usize = 10_000;
const CHECKS: u32 = 200_000;
/// Tokens that nobody has shown before.
const NEW: u32 = 5_000;

/// Two rows, of a token that was seen before and of new ones.
pub(crate) async fn warm_and_cold() -> Result<[Row; 2]> {
    let folder = tempfile::tempdir()?;
    let sources = Sources::system();
    let store = Arc::new(Embedded::open(folder.path(), sources.clone())?);
    let mint = Mint::new()?;
    store.put(JWKS_KEY, &serde_json::to_vec(&mint.published())?, ACCESS_TTL).await?;
    FeedEpoch::begin(store.as_ref(), &sources, store.incarnation().await?).await?;
    let guard = Guard::new(store, sources.clone(), &TokenKeys::Published);
    guard.prepare().await?;
    let revoked = SessionId(sources.uuid());
    for session in std::iter::once(revoked).chain((1..REVOCATIONS).map(|_| SessionId(sources.uuid()))) {
        guard.revoke(Revocation { session, until: sources.now() + ACCESS_TTL }).await?;
    }
    let ended = mint.mint(&sources, revoked)?;
    let token = mint.mint(&sources, SessionId(sources.uuid()))?;
    ensure!(matches!(guard.check(&ended).await, Err(Refusal::Revoked)), "a revoked token is taken");
    guard.check(&token).await.context("a good token is refused")?;

    let begun = Instant::now();
    for _ in 0..CHECKS {
        black_box(guard.check(black_box(&token)).await?);
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / count(CHECKS.into());
    let detail = format!("mean of {CHECKS} checks on one core, {REVOCATIONS} revocations");
    let warm = Row::new("token check, warm", each, "µs", Target::AtMost(5.0), detail);
    Ok([warm, cold(&guard, &mint, &sources).await?])
}

/// What is paid for each token beyond those that a process remembers.
async fn cold(guard: &Guard, mint: &Mint, sources: &Sources) -> Result<Row> {
    let tokens: Vec<String> = (0..NEW).map(|_| mint.mint(sources, SessionId(sources.uuid()))).collect::<Result<_>>()?;
    let begun = Instant::now();
    for token in &tokens {
        black_box(guard.check(black_box(token)).await?);
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / count(NEW.into());
    let detail = format!("mean of {NEW} checks on one core, each of a new token");
    Ok(Row::new("token check, of a new token", each, "µs", Target::AtMost(200.0), detail))
}
