//! A checkout in cash, behind the check of a token that ours has, as what it sends to Postgres: nothing is priced, and no rule is
//! asked.

use anyhow::Result;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use clock::Sources;
use contracts::UserId;
use database::Database;
use serde::Deserialize;
use uuid::Uuid;

use super::callers::Callers;
use crate::store::checkout::{self, BareCheckout};

#[derive(Clone)]
struct BareOrders {
    callers: Callers,
    database: Database,
}

/// All that a client sends, which is taken apart as ours does.
#[derive(Deserialize)]
#[expect(dead_code, reason = "a part of it is only parsed")]
struct Checkout {
    items: Vec<Item>,
    payment_method: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "a part of it is only parsed")]
struct Item {
    meal_id: Uuid,
    quantity: u16,
}

pub(super) async fn serve(redis: u16, postgres: u16) -> Result<()> {
    let sources = Sources::system();
    let callers = Callers::open(redis, &sources).await?;
    let database = super::database_at(postgres, "cart", sources).await?;
    let router = Router::new()
        .route("/carts/checkout", post(check_out))
        .with_state(BareOrders { callers: callers.clone(), database });
    tokio::select! {
        served = super::serve(router) => served,
        () = callers.follow() => Ok(()),
    }
}

async fn check_out(
    State(bare): State<BareOrders>,
    headers: HeaderMap,
    Json(asked): Json<Checkout>,
) -> Result<impl IntoResponse, StatusCode> {
    let user_id = bare.callers.caller(&headers).await.map_err(|_| StatusCode::UNAUTHORIZED)?;
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).ok_or(StatusCode::BAD_REQUEST)?;
    let order = bare.place(user_id, key, &asked.items).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, "application/json")], order))
}

impl BareOrders {
    async fn place(&self, user_id: UserId, key: &str, items: &[Item]) -> Result<String> {
        let meals: Vec<Uuid> = items.iter().map(|item| item.meal_id).collect();
        checkout::check_out(&self.database, &BareCheckout { user_id, key, meals: &meals }).await
    }
}
