//! The list of somebody's addresses, and one of them, behind the check of a token that ours has, by the queries that ours has.

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use clock::Sources;
use database::Database;
use uuid::Uuid;

use super::callers::Callers;
use crate::store::address;

#[derive(Clone)]
struct BareAddresses {
    callers: Callers,
    database: Database,
}

pub(super) async fn serve(redis: u16, postgres: u16) -> Result<()> {
    let sources = Sources::system();
    let callers = Callers::open(redis, &sources).await?;
    let database = super::database_at(postgres, "address", sources).await?;
    let router = Router::new()
        .route("/addresses", get(list))
        .route("/addresses/{id}", get(find))
        .with_state(BareAddresses { callers: callers.clone(), database });
    tokio::select! {
        served = super::serve(router) => served,
        () = callers.follow() => Ok(()),
    }
}

async fn list(
    State(bare): State<BareAddresses>,
    headers: HeaderMap,
) -> Result<Json<Vec<address::BareAddress>>, StatusCode> {
    let reader = bare.callers.caller(&headers).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    address::list(&bare.database, reader.0).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn find(
    State(bare): State<BareAddresses>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Json<address::BareAddress>, StatusCode> {
    bare.callers.caller(&headers).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let found = address::find(&bare.database, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    found.map(Json).ok_or(StatusCode::NOT_FOUND)
}
