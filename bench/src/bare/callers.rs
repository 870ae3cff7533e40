//! Who asks, by the check of a token that ours have.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use clock::Sources;
use contracts::UserId;
use ephemeral::redis::{Node, Topology};
use ephemeral::{Redis, RedisServer};
use kit::access::{Guard, TokenKeys};
use tokio_util::sync::CancellationToken;

/// Checks tokens as they come.
#[derive(Clone)]
pub(super) struct Callers(Guard);

impl Callers {
    /// By the keys and the revocations in Redis at `port`.
    pub(super) async fn open(port: u16, sources: &Sources) -> Result<Self> {
        let topology = Topology::Single(Node { host: "127.0.0.1".to_owned(), port });
        let command_timeout = RedisServer::COMMAND_TIMEOUT;
        let server = RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout };
        let store = Arc::new(Redis::open(&server, sources.clone()).await?);
        let guard = Guard::new(store, sources.clone(), &TokenKeys::Published);
        guard.prepare().await?;
        Ok(Self(guard))
    }

    /// Hears of revocations, without end.
    pub(super) async fn follow(self) {
        self.0.follow(CancellationToken::new()).await;
    }

    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<UserId> {
        let header = headers.get(AUTHORIZATION).context("no token")?.to_str()?;
        let token = header.strip_prefix("Bearer ").context("no bearer")?;
        let claims = self.0.check(token).await?;
        ensure!(self.0.is_current(), "the feed is silent");
        Ok(claims.sub)
    }
}
