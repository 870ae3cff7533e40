//! The least that a refresh can be: a route that asks Redis what ours asks, signs what ours signs, and does nothing else.
//! Who asks names a session instead of proving one, and what stands there is put back as it was.

use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use clock::Sources;
use contracts::SessionId;
use redis::Script;
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};

use crate::access_token::{ACCESS_TTL, Mint};

/// How long a session may lie idle, in milliseconds.
const IDLE: u64 = 43_200 * 60 * 1_000;

#[derive(Clone)]
struct Bare {
    redis: MultiplexedConnection,
    swap: Arc<Script>,
    mint: Arc<Mint>,
    sources: Sources,
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: SessionId,
}

/// As long as the answer of ours.
#[derive(Serialize)]
struct Tokens {
    access_token: String,
    refresh_token: SessionId,
    token: String,
    expires_in: u64,
}

pub(super) async fn serve(redis: u16) -> Result<()> {
    let redis = super::redis_at(redis).await?;
    let (swap, mint) = (Arc::new(Script::new(super::SWAP)), Arc::new(Mint::new()?));
    let bare = Bare { redis, swap, mint, sources: Sources::system() };
    super::serve(Router::new().route("/auth/refresh", post(answer)).with_state(bare)).await
}

async fn answer(State(bare): State<Bare>, Json(asked): Json<Refresh>) -> Result<Json<Tokens>, StatusCode> {
    refresh(bare, asked.refresh_token).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn refresh(mut bare: Bare, session: SessionId) -> Result<Tokens> {
    let key = format!("refresh:{session}");
    let state: Vec<u8> = redis::cmd("GET").arg(&key).query_async(&mut bare.redis).await?;
    let mut swap = bare.swap.key(&key);
    let (is_done,): (bool,) =
        swap.arg("present").arg(&state).arg(&state).arg(IDLE).invoke_async(&mut bare.redis).await?;
    ensure!(is_done, "somebody else changed the session");
    let token = bare.mint.mint(&bare.sources, session)?;
    let expires_in = ACCESS_TTL.as_secs();
    Ok(Tokens { access_token: token.clone(), refresh_token: session, token, expires_in })
}
