//! `/siparis/{id}/tekrar`: what of an order can still be had, before it goes into the basket.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, OrderId, UserId};
use kit::Problem;
use web::{Flash, Page, Reader, SignedIn, Typed, money};

use super::basket::{BASKET, back};
use super::diner::Diner;
use super::shown_basket::{ShownBasket, chosen};
use super::words;
use crate::actions::{self, Reorderable};
use crate::api::asked_order::AskedOrder;
use crate::error::CartError;
use crate::model::OnConflict;
use crate::state::Carts;

/// What the button sends that empties the basket.
const REPLACE: &str = "replace";

#[derive(Template)]
#[template(path = "reorder.html")]
struct Body {
    locale: Locale,
    id: OrderId,
    restaurant: String,
    lines: Vec<LineRow>,
    gone: Vec<GoneRow>,
    /// The other restaurant whose meals are in the basket.
    replaced: Option<String>,
    is_replacing: bool,
}

struct LineRow {
    quantity: i16,
    name: String,
    chosen: String,
    was: String,
    is: String,
    is_changed: bool,
}

struct GoneRow {
    name: String,
    why: &'static str,
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    AskedOrder(id): AskedOrder,
) -> Result<Page, Problem> {
    Ok(page(&carts, &reader, (caller.user_id(), id)).await?)
}

/// Puts it into the basket. Sent twice it is there once.
pub(super) async fn reorder(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    diner: Diner,
    AskedOrder(id): AskedOrder,
    typed: Typed,
) -> Result<Response, Problem> {
    let on_conflict = if typed.value("on_conflict") == REPLACE { OnConflict::Replace } else { OnConflict::Keep };
    match actions::reorder(&carts, caller.user_id(), id, on_conflict).await {
        Ok(reordered) if !reordered.lines.is_empty() => back(&carts, &reader, &diner, (BASKET, Flash::Reordered)).await,
        // Nothing of it can be had any more, or the basket was filled elsewhere meanwhile: the page says so.
        Ok(_) | Err(CartError::DifferentRestaurant(_)) => {
            Ok(Redirect::to(&format!("/siparis/{id}/tekrar")).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(carts: &Carts, reader: &Reader, (user_id, id): (UserId, OrderId)) -> Result<Page, CartError> {
    let locale = reader.locale;
    let Reorderable { order, lines, unavailable } = actions::find_reorderable(carts, user_id, id).await?;
    let restaurant = actions::catalog::find_restaurant(carts, order.restaurant_id).await?;
    let basket = ShownBasket::of_user(carts, user_id).await?;
    let is_replacing = basket.restaurant_id.is_some_and(|there| there != order.restaurant_id);
    let row = |(line, now): (crate::store::order::OrderLine, contracts::Money)| LineRow {
        chosen: restaurant.as_ref().map_or_else(String::new, |known| chosen(&known.names(&line.options))),
        was: money::amount(line.unit_price_kurus, locale),
        is: money::amount(now, locale),
        is_changed: now != line.unit_price_kurus,
        quantity: line.quantity,
        name: line.name,
    };
    let gone = unavailable
        .into_iter()
        .map(|item| GoneRow { name: item.name.unwrap_or_default(), why: words::unavailable(item.reason, locale) });
    let body = Body {
        locale,
        id,
        lines: lines.into_iter().map(row).collect(),
        gone: gone.collect(),
        replaced: basket.restaurant_name().filter(|_| is_replacing).map(str::to_owned),
        is_replacing,
        restaurant: order.restaurant_name,
    };
    Ok(Page::of(reader, locale.say("Yeniden sipariş", "Order again"), &body))
}
