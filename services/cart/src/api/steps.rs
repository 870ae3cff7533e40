//! The steps of orders: each for whoever may make it.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::{Locale, OrderId};
use kit::idempotency::{Answer, Key, Request};
use kit::{IdempotencyKey, Json, Language, Problem};

use crate::actions;
use crate::actions::{AskedStep, FullOrder, OrderReader};
use crate::model::Step;
use crate::state::Carts;

use super::asked_order::{AskedOrder, SignedIn};
use super::order_body::OrderBody;
use super::step_body::{AcceptOrder, CancelOrder, DelayOrder, RejectOrder, Reorder, ReorderedBody};

/// What a key of a delay stands for.
pub(super) const DELAY_SCOPE: &str = "delay";

/// Takes an order on, with how long it will take. Sent again it changes nothing.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/accept",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = AcceptOrder,
    responses(
        (status = 200, description = "The order, which is accepted", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile: `status`"),
    )
)]
pub(super) async fn accept_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
    Json(body): Json<AcceptOrder>,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, body.step()?).await
}

/// Turns an order down, with the reason.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/reject",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = RejectOrder,
    responses(
        (status = 200, description = "The order, which is rejected", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile: `status`"),
    )
)]
pub(super) async fn reject_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
    Json(body): Json<RejectOrder>,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, body.step()?).await
}

/// Says that the kitchen has begun.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/prepare",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    responses(
        (status = 200, description = "The order, which is being prepared", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile: `status`"),
    )
)]
pub(super) async fn prepare_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, Step::Prepare.into()).await
}

/// Says that somebody brings it. Three hours later it is taken to be there.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/dispatch",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    responses(
        (status = 200, description = "The order, which is on its way", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile: `status`"),
    )
)]
pub(super) async fn dispatch_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, Step::Dispatch.into()).await
}

/// Says that it is there.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/deliver",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    responses(
        (status = 200, description = "The order, which is delivered", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile: `status`"),
    )
)]
pub(super) async fn deliver_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, Step::Deliver.into()).await
}

/// Calls an order off: whoever has ordered as long as it was not accepted and for two minutes after that, the restaurant with a
/// reason until it is delivered.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/cancel",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = CancelOrder,
    responses(
        (status = 200, description = "The order, which is cancelled", body = OrderBody),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It has moved on meanwhile, or it is too late: `status`"),
    )
)]
pub(super) async fn cancel_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
    Json(body): Json<CancelOrder>,
) -> Result<Answered<OrderBody>, Problem> {
    step(&carts, (reader, language), id, body.step()?).await
}

/// Says that an order takes longer; whoever has ordered gets a mail, five times at most. Sent again with the same `Idempotency-Key`
/// within a day, or without one within 30 seconds, it is said once; without one what the order is by then is answered.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/delay",
    tag = "order",
    security(("bearer" = [])),
    params(IdempotencyKey, ("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = DelayOrder,
    responses(
        (
            status = 200,
            description = "The order, with its new time",
            body = OrderBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request has said it"))
        ),
        (status = 403, description = "Whoever has ordered does not move the order so"),
        (status = 404, description = "There is no such order, or the caller may not know of it"),
        (status = 409, description = "It is not in the kitchen, or was delayed too often"),
    )
)]
pub(super) async fn delay_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    key: Option<IdempotencyKey>,
    AskedOrder(id): AskedOrder,
    Json(body): Json<DelayOrder>,
) -> Result<Answer, Problem> {
    let minutes = body.minutes()?;
    let key = key.as_ref().map_or(Key::Unsent, Key::Sent);
    let request = Request::new(carts.context.database.vault(), DELAY_SCOPE, (reader.user_id, key), &(id, minutes.0));
    let answer = actions::delay_order(&carts, reader, (id, request.exactly()), minutes, |order| {
        Answer::json(StatusCode::OK, language, &shown(order, language))
    });
    Ok(answer.await?)
}

/// Puts what was ordered into the caller's cart again, as far as it can be had, and says what can't.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/reorder",
    tag = "order",
    security(("bearer" = [])),
    params(("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = Reorder,
    responses(
        (status = 200, description = "What is in the cart by it, and what is not", body = ReorderedBody),
        (status = 400, description = "The cart has meals of another restaurant: `conflict` says of both"),
        (status = 404, description = "The caller has no such order"),
        (status = 422, description = "A field is wrong, or the cart would have too many lines"),
    )
)]
pub(super) async fn reorder(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    SignedIn(reader): SignedIn,
    AskedOrder(id): AskedOrder,
    Json(body): Json<Reorder>,
) -> Result<Answered<ReorderedBody>, Problem> {
    let reordered = actions::reorder(&carts, reader.user_id, id, body.on_conflict()?).await?;
    Ok(Answered(ReorderedBody::of(reordered, language)))
}

async fn step(
    carts: &Carts,
    (reader, language): (OrderReader, Locale),
    id: OrderId,
    asked: AskedStep,
) -> Result<Answered<OrderBody>, Problem> {
    let order = actions::step_order(carts, reader, id, asked).await?;
    Ok(Answered(shown(order, language)))
}

fn shown(order: FullOrder, language: Locale) -> OrderBody {
    OrderBody::of(order, language.say("Sipariş", "Order"))
}
