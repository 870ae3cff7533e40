//! The list of somebody's addresses, and one of them, behind the check of a token that ours has, by the queries that ours has.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::extract::{Path, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use clock::Sources;
use contracts::UserId;
use database::{Database, DatabaseUrl, Postgres, Vault};
use ephemeral::redis::{Node, Topology};
use ephemeral::{Redis, RedisServer};
use kit::access::{Guard, TokenKeys};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::address;

#[derive(Clone)]
struct BareAddresses {
    guard: Guard,
    database: Database,
}

pub(super) async fn serve(redis: u16, postgres: u16) -> Result<()> {
    let sources = Sources::system();
    let topology = Topology::Single(Node { host: "127.0.0.1".to_owned(), port: redis });
    let command_timeout = RedisServer::COMMAND_TIMEOUT;
    let server = RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout };
    let store = Arc::new(Redis::open(&server, sources.clone()).await?);
    let guard = Guard::new(store, sources.clone(), &TokenKeys::Published);
    guard.prepare().await?;
    let url = DatabaseUrl::Postgres(Postgres::local(postgres, "postgres", "address"));
    let vault = Vault::new(&sources.bytes::<32>());
    let database = Database::connect(&url, sources, vault).await?;
    let router = Router::new()
        .route("/addresses", get(list))
        .route("/addresses/{id}", get(find))
        .with_state(BareAddresses { guard: guard.clone(), database });
    tokio::select! {
        served = super::serve(router) => served,
        () = guard.follow(CancellationToken::new()) => Ok(()),
    }
}

async fn list(
    State(bare): State<BareAddresses>,
    headers: HeaderMap,
) -> Result<Json<Vec<address::BareAddress>>, StatusCode> {
    let reader = bare.reader(&headers).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    address::list(&bare.database, reader.0).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn find(
    State(bare): State<BareAddresses>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Json<address::BareAddress>, StatusCode> {
    bare.reader(&headers).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let found = address::find(&bare.database, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    found.map(Json).ok_or(StatusCode::NOT_FOUND)
}

impl BareAddresses {
    async fn reader(&self, headers: &HeaderMap) -> Result<UserId> {
        let header = headers.get(AUTHORIZATION).context("no token")?.to_str()?;
        let token = header.strip_prefix("Bearer ").context("no bearer")?;
        let claims = self.guard.check(token).await?;
        ensure!(self.guard.is_current(), "the feed is silent");
        Ok(claims.sub)
    }
}
