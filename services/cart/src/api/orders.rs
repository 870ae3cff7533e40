//! Orders of the caller: placing one, and looking at what has become of it.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contracts::Locale;
use kit::idempotency::{Answer, Key, Request};
use kit::{EntityTag, IdempotencyKey, Json, Language, Owner, PageParameters, PageRequest, Problem};

use crate::actions;
use crate::actions::FullOrder;
use crate::model::anonymous::ETag;
use crate::state::Carts;

use super::asked_order::{AskedBoard, AskedOrder, SignedIn};
use super::order_body::{CheckoutBody, OrderBody};

/// Clients keep an order, and ask each time whether it still is so.
const CACHING: &str = "private, no-cache";
const JSON: &str = "application/json";
/// What a key of a client stands for.
pub(super) const SCOPE: &str = "checkout";

/// Orders what is sent, or what stands in the caller's cart. Sent again with the same `Idempotency-Key` within a day, or without
/// one within 30 seconds, it is the same order. What is refused is not remembered.
#[utoipa::path(
    post,
    path = "/carts/checkout",
    tag = "order",
    security(("bearer" = ["owner"])),
    params(IdempotencyKey),
    request_body = CheckoutBody,
    responses(
        (
            status = 200,
            description = "The order",
            body = OrderBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request has placed it"))
        ),
        (status = 400, description = "The payment method is none, the coupon does not hold, or the meals are of several restaurants"),
        (status = 402, description = "The card pays nothing"),
        (status = 404, description = "The caller has no such address"),
        (status = 409, description = "The restaurant is closed, something is sold out, something costs more than was seen (`lines`, `total`), the time is full, or an order of the caller is being written: `Retry-After`"),
        (status = 422, description = "A field is wrong, there is nothing to order, or it is too little"),
        (status = 429, description = "The caller has ordered too often today"),
    )
)]
pub(super) async fn check_out(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    owner: Owner,
    key: Option<IdempotencyKey>,
    Json(body): Json<CheckoutBody>,
) -> Result<Answer, Problem> {
    owner.check(&body.user_id)?;
    let checkout = body.checkout(language)?;
    let key = key.as_ref().map_or(Key::Unsent, Key::Sent);
    let request = Request::new(carts.context.database.vault(), SCOPE, (owner.user_id, key), &checkout);
    let answer = actions::check_out(&carts, owner.user_id, request, checkout, |order| placed(order, language));
    Ok(answer.await?)
}

/// What is answered to whoever has placed the order.
pub(super) fn placed(order: &FullOrder, language: Locale) -> Answer {
    let message = language.say("Sipariş başarıyla oluşturuldu", "The order was placed");
    Answer::json(StatusCode::OK, language, &OrderBody::of(order.clone(), message))
}

/// The caller's orders, newest first.
#[utoipa::path(
    get,
    path = "/carts/orders",
    tag = "order",
    security(("bearer" = ["owner"])),
    params(PageParameters),
    responses((
        status = 200,
        description = "Up to 100 of them; `Link` names the next page",
        body = [OrderBody],
        headers(("Link" = String, description = "The next page, where there is one: `rel=\"next\"`"))
    ))
)]
pub(super) async fn list_orders(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    owner: Owner,
    page: PageRequest<i64>,
) -> Result<Response, Problem> {
    let orders = actions::list_orders(&carts, owner.user_id, &page).await?;
    Ok(listed("/carts/orders", &page, orders, language.say("Sipariş geçmişi", "Order history")))
}

/// The orders of a restaurant, for who runs it and for admins.
#[utoipa::path(
    get,
    path = "/carts/restaurants/{restaurant_id}/orders",
    tag = "order",
    security(("bearer" = [])),
    params(
        ("restaurant_id" = String, Path, description = "The restaurant", min_length = 1),
        ("view" = Option<String>, Query, example = "open", description = "`open`, or left out: those that move on, oldest first; `closed`: those that have come to their end, newest first"),
        PageParameters,
    ),
    responses(
        (
            status = 200,
            description = "Up to 100 of them; `Link` names the next page",
            body = [OrderBody],
            headers(("Link" = String, description = "The next page, where there is one: `rel=\"next\"`"))
        ),
        (status = 404, description = "The caller runs no such restaurant"),
    )
)]
pub(super) async fn list_board(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedBoard { restaurant_id, view }: AskedBoard,
    page: PageRequest<i64>,
) -> Result<Response, Problem> {
    let orders = actions::list_board(&carts, reader, restaurant_id, (view, &page)).await?;
    let path = format!("/carts/restaurants/{restaurant_id}/orders?view={}", view.as_str());
    Ok(listed(&path, &page, orders, language.say("Siparişler", "Orders")))
}

/// An order, for whoever has placed it, who runs the restaurant, and admins. Whoever asks again and again sends its `ETag` back.
#[utoipa::path(
    get,
    path = "/carts/orders/{public_id}",
    tag = "order",
    security(("bearer" = [])),
    params(
        ("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the order that the client has"),
    ),
    responses(
        (
            status = 200,
            description = "The order",
            body = OrderBody,
            headers(("ETag" = String, description = "Names this order as it is now"))
        ),
        (status = 304, description = "The client has the order as it is now"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
    )
)]
pub(super) async fn find_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = actions::find_order(&carts, reader, id).await?;
    let body = OrderBody::of(order, language.say("Sipariş", "Order"));
    let body = serde_json::to_vec(&body).map_err(anyhow::Error::from)?;
    // What a card has paid changes without a step of the order.
    let tag = EntityTag::new(ETag::of(&body).as_str());
    let caching = [(CACHE_CONTROL, CACHING), (ETAG, tag.as_str())];
    if tag.is_known(&headers) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok((caching, [(CONTENT_TYPE, JSON)], body).into_response())
}

fn listed(path: &str, page: &PageRequest<i64>, mut orders: Vec<FullOrder>, message: &str) -> Response {
    let link = page.next_link(path, &orders, |order| order.order.id);
    orders.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
    let orders: Vec<OrderBody> = orders.into_iter().map(|order| OrderBody::of(order, message)).collect();
    (link, Answered(orders)).into_response()
}
