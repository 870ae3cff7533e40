//! Orders of the caller: placing one, and looking at what has become of it.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Owner, PageParameters, PageRequest, Problem};

use crate::actions;
use crate::state::Carts;

use super::order_body::{CheckoutBody, OrderBody};

/// What a key of a client stands for.
const SCOPE: &str = "checkout";

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
        (status = 404, description = "The caller has no such address"),
        (status = 409, description = "The restaurant is closed, something is sold out, the total has changed, or the time is full"),
        (status = 422, description = "A field is wrong, there is nothing to order, or it is too little"),
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
    let answer = actions::check_out(&carts, owner.user_id, request, checkout, |order| {
        let message = language.say("Sipariş başarıyla oluşturuldu", "The order was placed");
        Answer::json(StatusCode::OK, language, &OrderBody::of(order.clone(), message))
    });
    Ok(answer.await?)
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
    let message = language.say("Sipariş geçmişi", "Order history");
    let link = page.next_link("/carts/orders", &orders, |order| order.order.id);
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let orders: Vec<OrderBody> = orders.into_iter().take(limit).map(|order| OrderBody::of(order, message)).collect();
    Ok((link, Answered(orders)).into_response())
}

/// An order, for whoever has placed it, who runs the restaurant, and admins.
#[utoipa::path(
    get,
    path = "/carts/orders/{public_id}",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    responses(
        (status = 200, description = "The order", body = OrderBody),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
    )
)]
pub(super) async fn find_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    caller: Caller,
    AskedOrder(id): AskedOrder,
) -> Result<Answered<OrderBody>, Problem> {
    let order = actions::find_order(&carts, mover(&caller), id).await?;
    Ok(Answered(OrderBody::of(order, message_of(language))))
}

/// Takes an order on, with how long it will take.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/accept",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = AcceptOrder,
    responses(
        (status = 200, description = "The order, which is accepted", body = OrderBody),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It waits for no answer any more: `status`"),
    )
)]
pub(super) async fn accept_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    caller: Caller,
    AskedOrder(id): AskedOrder,
    Json(body): Json<AcceptOrder>,
) -> Result<Answered<OrderBody>, Problem> {
    let asked = AskedStep { step: Step::Accept, reason: None, eta_minutes: body.eta()? };
    let order = actions::step_order(&carts, mover(&caller), id, asked).await?;
    Ok(Answered(OrderBody::of(order, message_of(language))))
}

/// Turns an order down, with the reason.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/reject",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = GiveReason,
    responses(
        (status = 200, description = "The order, which is rejected", body = OrderBody),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It waits for no answer any more: `status`"),
    )
)]
pub(super) async fn reject_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    caller: Caller,
    AskedOrder(id): AskedOrder,
    Json(body): Json<GiveReason>,
) -> Result<Answered<OrderBody>, Problem> {
    let asked = AskedStep { step: Step::Reject, reason: Some(body.reason()?), eta_minutes: None };
    let order = actions::step_order(&carts, mover(&caller), id, asked).await?;
    Ok(Answered(OrderBody::of(order, message_of(language))))
}

fn mover(caller: &Caller) -> Mover {
    Mover { user_id: caller.user_id(), role: caller.role() }
}

fn message_of(language: Locale) -> &'static str {
    language.say("Sipariş", "Order")
}
