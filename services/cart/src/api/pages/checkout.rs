//! `/odeme`: all that an order needs, on one page, and ordering it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{AddressId, UserId};
use kit::idempotency::{Key, Request};
use kit::{IdempotencyKey, Problem, QueryParameters};
use web::{Flash, Form, FormKey, Reader, SignedIn, Typed, set_cookies};

use super::basket::BASKET;
use super::checkout_form::{self, CheckoutFields};
use super::checkout_page::{Asked, page};
use super::diner::{Diner, Merging};
use super::shown_basket::ShownBasket;
use crate::actions;
use crate::api::orders::{SCOPE, placed};
use crate::error::{CartError, OrderRefusal};
use crate::model::Checkout;
use crate::state::Carts;

/// Where an order is made up.
pub(super) const CHECKOUT: &str = "/odeme";
/// So often a form is tried whose reader has sent another one that is being written.
const MOST_ATTEMPTS: u32 = 3;

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    diner: Diner,
    uri: Uri,
) -> Result<Response, Problem> {
    match diner.merge(&carts, &reader).await? {
        Merging::Nothing => {}
        Merging::Undecided => return Ok(Redirect::to("/sepet/karar?donus=%2Fodeme").into_response()),
        Merging::Done(cookies) => return Ok((set_cookies(cookies), Redirect::to(reader.here.as_str())).into_response()),
    }
    let chosen = QueryParameters::of(&uri).one("adres").ok().flatten().and_then(|id| id.parse::<AddressId>().ok());
    let is_address_awaited = match chosen {
        Some(id) => !actions::address::wait_for_address(&carts, id).await?,
        None => false,
    };
    let fields = chosen.map_or_else(Typed::default, |id| Typed::beginning([("address_id", id.to_string().as_str())]));
    let asked = Asked { is_address_awaited, ..Asked::new(fields, FormKey::new(&carts.context.sources)) };
    shown(&carts, &reader, caller.user_id(), asked).await
}

/// The same page with other sums, after a coupon was typed or an address was chosen. Nothing is changed by it.
pub(super) async fn reckon(
    State(carts): State<Arc<Carts>>,
    mut reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Result<Response, Problem> {
    reader.here = reader.return_path(CHECKOUT);
    let asked = Asked::new(typed, FormKey::new(&carts.context.sources));
    shown(&carts, &reader, caller.user_id(), asked).await
}

/// Orders what the page has shown, once for each form.
pub(super) async fn order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    form: Form<CheckoutFields>,
) -> Result<Response, Problem> {
    let (user_id, typed) = (caller.user_id(), form.typed.clone());
    let (checkout, key) = match checkout_form::checkout(form, reader.locale) {
        Ok(checkout) => checkout,
        Err(problem) => {
            let key = FormKey::new(&carts.context.sources);
            return refused(&carts, &reader, user_id, (typed, key, problem)).await;
        }
    };
    match place(&carts, user_id, (checkout, key)).await {
        Ok(path) => {
            let hint = ShownBasket::of_user(&carts, user_id).await?.hint(&reader);
            Ok((set_cookies([hint]), Redirect::to(&path)).into_response())
        }
        Err(CartError::KeyReused) => {
            let said = set_cookies([reader.will_hear(Flash::OrderedBefore)]);
            Ok((said, Redirect::to("/siparisler")).into_response())
        }
        Err(error) => {
            // What a card has declined is answered again to the same key.
            let is_declined = matches!(error, CartError::Order(OrderRefusal::PaymentDeclined));
            let key = if is_declined { FormKey::new(&carts.context.sources) } else { key };
            refused(&carts, &reader, user_id, (typed, key, checkout_form::problem(error))).await
        }
    }
}

/// Places the order, and answers where its page is.
async fn place(carts: &Carts, user_id: UserId, (checkout, key): (Checkout, FormKey)) -> Result<String, CartError> {
    let (key, locale) = (IdempotencyKey::from(key), checkout.locale);
    let request = Request::new(carts.context.database.vault(), SCOPE, (user_id, Key::Sent(&key)), &checkout);
    let mut attempt = 1;
    loop {
        let (request, checkout) = (request.clone(), checkout.clone());
        match actions::check_out(carts, user_id, request, checkout, |order| placed(order, locale)).await {
            Ok(answer) => {
                let id = actions::order_of(&answer).ok_or(CartError::OrderNotFound)?;
                return Ok(format!("/siparis/{id}"));
            }
            // A browser does not come again by itself.
            Err(CartError::Order(OrderRefusal::InProgress)) if attempt < MOST_ATTEMPTS => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The page with what is wrong, and with the fields as they were typed.
async fn refused(
    carts: &Carts,
    reader: &Reader,
    user_id: UserId,
    (typed, key, problem): (Typed, FormKey, Problem),
) -> Result<Response, Problem> {
    let is_changed = problem.code() == "PRICE_CHANGED";
    let asked = Asked { is_changed, ..Asked::new(typed.refused(&problem, reader.locale), key) };
    match page(carts, reader, user_id, asked).await? {
        Some(page) => Ok(page.refused(&problem).into_response()),
        // Nothing is there to be ordered any more, as by another tab.
        None if problem.status() == StatusCode::UNPROCESSABLE_ENTITY || problem.status() == StatusCode::CONFLICT => {
            Ok(Redirect::to(BASKET).into_response())
        }
        None => Err(problem),
    }
}

async fn shown(carts: &Carts, reader: &Reader, user_id: UserId, asked: Asked) -> Result<Response, Problem> {
    match page(carts, reader, user_id, asked).await? {
        Some(page) => Ok(page.into_response()),
        None => Ok(Redirect::to(BASKET).into_response()),
    }
}
