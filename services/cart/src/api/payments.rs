//! What providers of payments and those who pay come to: the sandbox's page, the way back from it, and its notices.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use contracts::{Locale, OrderId, OrderStatus};
use kit::idempotency::{Answer, Key, Request};
use kit::{Admin, Fault, IdempotencyKey, Json, Language, Problem, Text};
use web::Page;

use crate::actions::payments;
use crate::error::CartError;
use crate::model::PaymentId;
use crate::sandbox::SIGNATURE;
use crate::state::Carts;
use crate::store::payment::PaymentState;

use super::asked_order::AskedOrder;
use super::order_body::OrderBody;
use super::payment_body::{NoticeBody, RefundOrder};

/// What a key of an admin stands for.
const REFUND_SCOPE: &str = "refund";

type Named = Result<Path<PaymentId>, PathRejection>;

#[derive(Template)]
#[template(path = "payment.html")]
struct PaymentPage {
    locale: Locale,
    id: PaymentId,
    order_id: OrderId,
    code: String,
    restaurant: String,
    total: String,
    stage: Stage,
}

enum Stage {
    /// The sandbox asks whether it may.
    Asks,
    /// Nobody knows yet.
    Waits,
    Paid,
    Unpaid,
}

/// The sandbox's page, on which whoever pays says yes, and which says afterwards what has come of it.
#[utoipa::path(
    get,
    path = "/carts/payments/{payment_id}",
    tag = "payment",
    params(("payment_id" = String, Path, description = "The payment", min_length = 1)),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no such payment"),
    )
)]
pub(super) async fn show_payment(
    State(carts): State<Arc<Carts>>,
    Language(locale): Language,
    named: Named,
) -> Result<Page, Problem> {
    let id = id_of(named)?;
    let (payment, order) = payments::show_payment(&carts, id).await?;
    let stage = match (payment.state, order.status) {
        (PaymentState::RedirectNeeded, OrderStatus::AwaitingPayment) => Stage::Asks,
        (PaymentState::Authorising, OrderStatus::AwaitingPayment) => Stage::Waits,
        (PaymentState::Authorised | PaymentState::Captured, status) if !comes_to_nothing(status) => Stage::Paid,
        (
            PaymentState::Declined
            | PaymentState::Released
            | PaymentState::RedirectNeeded
            | PaymentState::Authorised
            | PaymentState::Captured
            | PaymentState::Authorising,
            _,
        ) => Stage::Unpaid,
    };
    let (code, restaurant, total) = (order.code.to_string(), order.restaurant_name, order.total_kurus.to_string());
    let page = PaymentPage { locale, id, order_id: order.public_id, code, restaurant, total, stage };
    Ok(Page::new(locale, locale.say("Ödeme", "Payment"), &page))
}

/// Whoever pays comes back from the provider. What the form says counts for nothing: the provider is asked.
#[utoipa::path(
    post,
    path = "/carts/payments/{payment_id}/return",
    tag = "payment",
    params(("payment_id" = String, Path, description = "The payment", min_length = 1)),
    responses(
        (status = 303, description = "To the page that says what has come of it"),
        (status = 404, description = "There is no such payment"),
    )
)]
pub(super) async fn return_from_provider(State(carts): State<Arc<Carts>>, named: Named) -> Result<Redirect, Problem> {
    let id = id_of(named)?;
    payments::complete_payment(&carts, id).await?;
    Ok(Redirect::to(&format!("/carts/payments/{id}")))
}

/// The provider reports a payment by itself. It is looked up, once for each notice.
#[utoipa::path(
    post,
    path = "/carts/payments/webhook",
    tag = "payment",
    params(("sandbox-signature" = String, Header, description = "HMAC-SHA256 over the body, in hexadecimal digits")),
    request_body = NoticeBody,
    responses(
        (status = 200, description = "It was heard, now or before"),
        (status = 400, description = "It is not the provider's"),
        (status = 503, description = "The provider does not answer what it is asked"),
    )
)]
pub(super) async fn receive_notice(
    State(carts): State<Arc<Carts>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let signature = headers.get(SIGNATURE).and_then(|signature| signature.to_str().ok()).unwrap_or_default();
    if payments::receive_notice(&carts, signature, &body).await? {
        return Ok(StatusCode::OK);
    }
    let text = Text::new("İmza geçerli değil.", "The signature is not valid.");
    let fault = Fault::new(SIGNATURE, "INVALID_SIGNATURE", text.clone());
    Err(Problem::new(StatusCode::BAD_REQUEST, "INVALID_SIGNATURE", text).naming(fault))
}

/// Gives back some of what a card has paid, or all of it. Sent again with the same `Idempotency-Key` within a day, or without one
/// within 30 seconds, it is given back once.
#[utoipa::path(
    post,
    path = "/carts/orders/{public_id}/refund",
    tag = "order",
    security(("bearer" = ["admin"])),
    params(IdempotencyKey, ("public_id" = String, Path, description = "The `public_id` of the order", min_length = 1)),
    request_body = RefundOrder,
    responses(
        (
            status = 200,
            description = "The order; the money is on its way",
            body = OrderBody,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request has done it"))
        ),
        (status = 404, description = "There is no such order"),
        (status = 409, description = "Nothing was taken by card, or less is left of it"),
    )
)]
pub(super) async fn refund_order(
    State(carts): State<Arc<Carts>>,
    Language(language): Language,
    Admin(admin): Admin,
    key: Option<IdempotencyKey>,
    AskedOrder(id): AskedOrder,
    Json(body): Json<RefundOrder>,
) -> Result<Answer, Problem> {
    let amount = body.amount()?;
    let key = key.as_ref().map_or(Key::Unsent, Key::Sent);
    let vault = carts.context.database.vault();
    let request = Request::new(vault, REFUND_SCOPE, (admin.user_id(), key), &(id, amount));
    let answer = payments::refund(&carts, admin.user_id(), (id, request), amount, |order| {
        let message = language.say("İade yolda", "The refund is on its way");
        Answer::json(StatusCode::OK, language, &OrderBody::of(order.clone(), message))
    });
    Ok(answer.await?)
}

fn comes_to_nothing(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Cancelled | OrderStatus::Rejected | OrderStatus::PaymentFailed)
}

fn id_of(named: Named) -> Result<PaymentId, Problem> {
    named.map(|Path(id)| id).map_err(|_| CartError::PaymentNotFound.into())
}
