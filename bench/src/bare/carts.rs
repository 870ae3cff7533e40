//! An add to a cart, and the reading of one, as what they ask Redis: `GET`, and the script that replaces what stands there. What
//! stands there is put back as it was, and is the answer.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use redis::Script;
use redis::aio::MultiplexedConnection;
use serde::Deserialize;
use uuid::Uuid;

/// How long a cart is kept, in milliseconds.
const TTL: u64 = 30 * 24 * 60 * 60 * 1_000;

#[derive(Clone)]
struct BareCarts {
    redis: MultiplexedConnection,
    swap: Arc<Script>,
}

/// All that a client sends, which is taken apart as ours does.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only parsed")]
struct Add {
    cart_id: Uuid,
    restaurant_id: Uuid,
    meal_id: Uuid,
    quantity: u16,
}

pub(super) async fn serve(redis: u16) -> Result<()> {
    let carts = BareCarts { redis: super::redis_at(redis).await?, swap: Arc::new(Script::new(super::SWAP)) };
    let add = post(async |State(carts): State<BareCarts>, Json(Add { cart_id, .. }): Json<Add>| {
        answer(carts.add(cart_id).await)
    });
    let read = get(async |State(carts): State<BareCarts>, Path(id): Path<Uuid>| answer(carts.read(id).await));
    let router =
        Router::new().route("/carts/anonymous/add", add).route("/carts/anonymous/{id}", read).with_state(carts);
    super::serve(router).await
}

fn answer(cart: Result<Vec<u8>>) -> impl IntoResponse {
    cart.map(|bytes| ([(CONTENT_TYPE, "application/json")], bytes)).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

impl BareCarts {
    async fn add(&self, id: Uuid) -> Result<Vec<u8>> {
        let (key, cart) = (key(id), self.read(id).await?);
        let mut swap = self.swap.key(&key);
        let swap = swap.arg("present").arg(&cart).arg(&cart).arg(TTL);
        let (is_done,): (bool,) = swap.invoke_async(&mut self.redis.clone()).await?;
        ensure!(is_done, "somebody else changed the cart");
        Ok(cart)
    }

    async fn read(&self, id: Uuid) -> Result<Vec<u8>> {
        let cart: Option<Vec<u8>> = redis::cmd("GET").arg(key(id)).query_async(&mut self.redis.clone()).await?;
        cart.context("there is no cart")
    }
}

fn key(id: Uuid) -> String {
    format!("cart:anon:{id}")
}
