//! The least that a refresh can be: a route that asks Redis what ours asks, signs what ours signs, and does nothing else.
//!
//! It runs as a process of its own, this program started again, so that its processor time can be told from ours. Who asks
//! names a session instead of proving one, and what stands there is put back as it was.

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use clock::Sources;
use contracts::SessionId;
use redis::Script;
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::access_token::{ACCESS_TTL, Mint};

/// The very script that our adapter runs.
const SWAP: &str = include_str!("../../ports/ephemeral/src/redis/scripts/swap.lua");
/// How long a session may lie idle, in milliseconds.
const IDLE: u64 = 43_200 * 60 * 1_000;

/// The process that serves the route; dropped, it ends.
pub(crate) struct BareRefresh {
    child: Child,
    url: String,
}

impl BareRefresh {
    /// The hidden argument that makes this program the process.
    pub(crate) const ARGUMENT: &str = "--bare-refresh";

    /// Starts it on the Redis at `redis`, and returns when it answers.
    pub(crate) async fn start(redis: &str) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([Self::ARGUMENT, redis]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let output = child.stdout.take().context("the bare route has no output")?;
        let port = BufReader::new(output).lines().next_line().await?.context("the bare route did not start")?;
        Ok(Self { child, url: format!("http://127.0.0.1:{port}") })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn process_id(&self) -> Result<u32> {
        self.child.id().context("the bare route has ended")
    }
}

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

/// Is the process: serves the route on the Redis at `redis` until it is ended, and tells its port on standard output.
pub(crate) async fn serve(redis: &str) -> Result<()> {
    let redis = redis::Client::open(redis)?.get_multiplexed_async_connection().await?;
    let (swap, mint) = (Arc::new(Script::new(SWAP)), Arc::new(Mint::new()?));
    let bare = Bare { redis, swap, mint, sources: Sources::system() };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(axum::serve(listener, Router::new().route("/auth/refresh", post(answer)).with_state(bare)).await?)
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
