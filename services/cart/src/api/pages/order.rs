//! `/siparis/{id}`: what has become of an order, for its diner alone; and calling it off.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use clock::Timestamp;
use contracts::{AddressDetails, Locale, Money, OrderStatus, Role};
use kit::{Caller, Problem};
use web::{Flash, Page, Reader, SignedIn, dates, money, set_cookies};

use super::order_progress::{Stage, stages};
use super::shown_basket::chosen;
use super::words;
use crate::actions::{self, FullOrder, OrderReader};
use crate::api::asked_order::AskedOrder;
use crate::error::CartError;
use crate::model::{CANCEL_WINDOW, Fulfilment, RestaurantCopy, Step};
use crate::state::Carts;
use crate::store::order::{Order, OrderLine};
use crate::store::payment::PaymentState;

#[derive(Template)]
#[template(path = "order.html")]
struct Body<'a> {
    locale: Locale,
    order: &'a Order,
    status: &'static str,
    stages: Vec<Stage>,
    /// When it is to be there, as HTML; `None` once it has come to its end.
    promised: Option<String>,
    ordered_at: String,
    /// Why it came to nothing.
    reason: Option<String>,
    /// Where its diner says yes to the payment.
    pays_at: Option<String>,
    is_paying: bool,
    can_cancel: bool,
    refusal: Option<String>,
    lines: Vec<LineRow>,
    sums: Sums,
    paid_with: &'static str,
    address: Option<String>,
    is_pickup: bool,
}

struct LineRow {
    quantity: i16,
    name: String,
    chosen: String,
    note: String,
    total: String,
}

struct Sums {
    subtotal: String,
    discount: Option<String>,
    delivery_fee: String,
    total: String,
    vat: String,
}

/// Who reads what they have ordered. Here they are a diner also where they run the restaurant.
pub(super) fn as_diner(caller: &Caller) -> OrderReader {
    OrderReader { user_id: caller.user_id(), role: Role::User }
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Page, Problem> {
    let full = actions::find_order(&carts, as_diner(&caller), id).await?;
    Ok(page(&carts, &reader, &full, None).await?)
}

/// Calls the order off. Sent twice it is off once.
pub(super) async fn cancel(
    State(carts): State<Arc<Carts>>,
    mut reader: Reader,
    SignedIn(caller): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Response, Problem> {
    let diner = as_diner(&caller);
    let path = format!("/siparis/{id}");
    match actions::step_order(&carts, diner, id, Step::Cancel.into()).await {
        Ok(_) => {
            let said = set_cookies([reader.will_hear(Flash::OrderCancelled)]);
            Ok((said, Redirect::to(&path)).into_response())
        }
        Err(error @ CartError::OrderChanged(_)) => {
            reader.here = reader.return_path(&path);
            let problem = Problem::from(error);
            let full = actions::find_order(&carts, diner, id).await?;
            let refusal = reader.locale.say(
                "Sipariş artık iptal edilemiyor; durumu aşağıda.",
                "The order can't be cancelled any more; see below what has become of it.",
            );
            Ok(page(&carts, &reader, &full, Some(refusal.to_owned())).await?.refused(&problem).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(carts: &Carts, reader: &Reader, full: &FullOrder, refusal: Option<String>) -> Result<Page, CartError> {
    let (locale, order) = (reader.locale, &full.order);
    let restaurant = actions::catalog::find_restaurant(carts, order.restaurant_id).await?;
    let state = full.payment.as_ref().map(|payment| payment.state);
    let is_waiting = order.status == OrderStatus::AwaitingPayment;
    let asks = full.payment.as_ref().filter(|_| is_waiting && state == Some(PaymentState::RedirectNeeded));
    let body = Body {
        locale,
        order,
        status: words::status(order.status, order.fulfilment, locale),
        stages: stages(full, locale),
        promised: (!order.status.is_terminal()).then(|| dates::time_element(order.target_at, locale)),
        ordered_at: dates::time_element(order.created_at, locale),
        reason: reason(order, locale),
        pays_at: asks.map(|payment| format!("/carts/payments/{}", payment.id)),
        is_paying: is_waiting && asks.is_none(),
        can_cancel: can_cancel(order, carts.context.now()),
        refusal,
        lines: full.lines.iter().map(|line| LineRow::of(line, restaurant.as_deref(), locale)).collect(),
        sums: Sums::of(order, locale),
        paid_with: words::payment_method(order.payment_method, locale),
        address: order.address.as_ref().map(address),
        is_pickup: order.fulfilment == Fulfilment::Pickup,
    };
    let title = match locale {
        Locale::Tr => format!("Sipariş {}", order.code),
        Locale::En => format!("Order {}", order.code),
    };
    Ok(Page::of(reader, title, &body))
}

/// Whether its diner may still call it off.
fn can_cancel(order: &Order, now: Timestamp) -> bool {
    let is_in_time = order.accepted_at.is_none_or(|accepted| now <= accepted + CANCEL_WINDOW);
    let sources = Step::Cancel.sources(contracts::OrderActor::Diner);
    sources.contains(&order.status) && (order.status != OrderStatus::Accepted || is_in_time)
}

fn reason(order: &Order, locale: Locale) -> Option<String> {
    let reason = words::reason(order.reason?, locale);
    Some(match &order.reason_text {
        Some(text) => format!("{reason}: {}", text.as_str()),
        None => reason.to_owned(),
    })
}

fn address(address: &AddressDetails) -> String {
    let inside = [&address.apartment, &address.floor, &address.door_number];
    let inside = inside.into_iter().flatten().filter(|part| !part.is_empty()).map(String::as_str);
    let outside = [address.full_address.as_str(), address.district.as_str(), address.city.as_str()];
    outside.into_iter().chain(inside).collect::<Vec<_>>().join(", ")
}

impl LineRow {
    fn of(line: &OrderLine, restaurant: Option<&RestaurantCopy>, locale: Locale) -> Self {
        Self {
            quantity: line.quantity,
            name: line.name.clone(),
            chosen: restaurant.map_or_else(String::new, |known| chosen(&known.names(&line.options))),
            note: line.note.as_str().to_owned(),
            total: money::amount(line.total_kurus, locale),
        }
    }
}

impl Sums {
    fn of(order: &Order, locale: Locale) -> Self {
        let discount = Some(order.discount_kurus).filter(|discount| *discount > Money::ZERO);
        Self {
            subtotal: money::amount(order.subtotal_kurus, locale),
            discount: discount.map(|discount| money::deduction(discount, locale)),
            delivery_fee: money::amount(order.delivery_fee_kurus, locale),
            total: money::amount(order.total_kurus, locale),
            vat: money::amount(order.vat_kurus, locale),
        }
    }
}
