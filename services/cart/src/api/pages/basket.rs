//! `/sepet`: what somebody is about to order, and how they change it.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, Money};
use kit::{Faults, Field, FieldChange, Problem, QueryParameters};
use serde::Deserialize;
use uuid::Uuid;
use web::{Cookie, Flash, Form, FormKey, Page, Reader, Typed, money, set_cookies};

use super::diner::{Diner, Merging};
use super::shown_basket::{ShownBasket, ShownLine, change_line, remove_line};
use super::wish::{TypedQuantity, Wish};
use super::words;
use crate::error::{self, CartError};
use crate::model::{ItemChange, MOST_OF_A_LINE, Note, Quantity};
use crate::state::Carts;

/// Where a basket is.
pub(super) const BASKET: &str = "/sepet";

#[derive(Template)]
#[template(path = "basket.html")]
struct Body {
    locale: Locale,
    restaurant: Option<String>,
    closed: Option<String>,
    lines: Vec<LineRow>,
    unavailable_count: usize,
    subtotal: String,
    delivery_fee: Option<String>,
    missing: Option<String>,
    removed: Option<Removed>,
}

/// A line as it is shown.
pub(super) struct LineRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) chosen: String,
    pub(super) note: String,
    pub(super) quantity: u32,
    /// What the buttons make of the quantity.
    less: Option<u32>,
    more: Option<u32>,
    pub(super) total: Option<String>,
    pub(super) why_not: Option<&'static str>,
}

/// What was just taken out, and can be put back.
struct Removed {
    key: FormKey,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "basket_line.html")]
struct LineBody<'a> {
    locale: Locale,
    form: &'a Typed,
    id: Uuid,
    line: LineRow,
}

/// What changes in a line; what is not sent stays.
#[derive(Debug, Deserialize)]
pub(super) struct ChangeLine {
    #[serde(default)]
    quantity: Field<TypedQuantity>,
    #[serde(default)]
    note: Field<Note>,
}

type Named = Result<Path<Uuid>, PathRejection>;

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    mut reader: Reader,
    diner: Diner,
    uri: Uri,
) -> Result<Response, Problem> {
    match diner.merge(&carts, &reader).await? {
        Merging::Nothing => {}
        Merging::Undecided => return Ok(Redirect::to("/sepet/karar?donus=%2Fsepet").into_response()),
        // What moved is said by the page that is asked for next, which finds one basket.
        Merging::Done(cookies) => return Ok((set_cookies(cookies), Redirect::to(BASKET)).into_response()),
    }
    let basket = ShownBasket::of(&carts, &diner).await?;
    reader.basket = basket.count();
    let mut cookies = vec![basket.hint(&reader)];
    if diner.user_id.is_none() && diner.cart_id.is_some() && basket.is_empty() {
        cookies.push(Cookie::Cart.delete(reader.cookies()));
    }
    let wish = Wish::of_address(&QueryParameters::of(&uri));
    let key = FormKey::new(&carts.context.sources);
    let removed = wish.map(|wish| Removed { key, fields: wish.fields() });
    let body = Body::of(&basket, removed, reader.locale);
    let locale = reader.locale;
    let mut page = Page::of(&reader, locale.say("Sepet", "Basket"), &body);
    if !basket.is_empty() {
        page = page.shortcut("/odeme", locale.say("Ödemeye geç", "Go to checkout"));
    }
    Ok((set_cookies(cookies), page).into_response())
}

/// The page on which a line gets its note.
pub(super) async fn show_line(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    diner: Diner,
    named: Named,
) -> Result<Page, Problem> {
    let id = id_of(named)?;
    line_page(&carts, &reader, &diner, (id, None)).await
}

/// Makes a line what it is to be. Sent twice it is that once.
pub(super) async fn change(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    diner: Diner,
    named: Named,
    form: Form<ChangeLine>,
) -> Result<Response, Problem> {
    let id = id_of(named)?;
    let changed = match form.fields.change() {
        Ok(change) => change_line(&carts, &diner, id, change).await,
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(()) => back(&carts, &reader, &diner, (BASKET, Flash::BasketChanged)).await,
        Err(problem) if problem.status().is_client_error() && !problem.faults().is_empty() => {
            let typed = form.typed.refused(&problem, reader.locale);
            let page = line_page(&carts, &reader, &diner, (id, Some(typed))).await?;
            Ok(page.refused(&problem).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// Takes a line out. Sent twice it is out once; the page that follows can put it back.
pub(super) async fn remove(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    diner: Diner,
    named: Named,
) -> Result<Response, Problem> {
    let id = id_of(named)?;
    let before = ShownBasket::of(&carts, &diner).await?;
    let wish = before.line(id).and_then(ShownLine::wish);
    remove_line(&carts, &diner, id).await?;
    let to = wish.map_or_else(|| BASKET.to_owned(), |wish| format!("{BASKET}?{}", wish.address()));
    back(&carts, &reader, &diner, (&to, Flash::RemovedFromBasket)).await
}

/// To that page, which says what was done, with the basket as it is now in the header.
pub(super) async fn back(
    carts: &Carts,
    reader: &Reader,
    diner: &Diner,
    (to, flash): (&str, Flash),
) -> Result<Response, Problem> {
    let basket = ShownBasket::of(carts, diner).await?;
    Ok((set_cookies([basket.hint(reader), reader.will_hear(flash)]), Redirect::to(to)).into_response())
}

async fn line_page(
    carts: &Carts,
    reader: &Reader,
    diner: &Diner,
    (id, typed): (Uuid, Option<Typed>),
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let basket = ShownBasket::of(carts, diner).await?;
    let line = basket.line(id).ok_or(CartError::ItemNotFound)?;
    let quantity = line.quantity.to_string();
    let typed =
        typed.unwrap_or_else(|| Typed::beginning([("note", line.note.as_str()), ("quantity", quantity.as_str())]));
    let body = LineBody { locale, form: &typed, id, line: LineRow::of(line, locale) };
    Ok(Page::of(reader, locale.say("Sepetteki ürün", "Item in your basket"), &body))
}

fn id_of(named: Named) -> Result<Uuid, CartError> {
    named.map(|Path(id)| id).map_err(|_| CartError::ItemNotFound)
}

impl ChangeLine {
    fn change(self) -> Result<ItemChange, Problem> {
        let mut faults = Faults::default();
        let quantity = faults.unless_null("quantity", self.quantity).map(|TypedQuantity(quantity)| quantity);
        let note = faults.unless_null("note", self.note).map_or(FieldChange::Keep, FieldChange::Set);
        error::check(faults)?;
        Ok(ItemChange { quantity, note, schedule_date: FieldChange::Keep })
    }
}

impl ShownLine {
    /// By which it comes back once it is out.
    fn wish(&self) -> Option<Wish> {
        Some(Wish {
            meal_id: self.meal_id?,
            quantity: Quantity::cut(self.quantity.into())?,
            options: self.options.clone(),
            note: Note::cut(&self.note),
        })
    }
}

impl Body {
    fn of(basket: &ShownBasket, removed: Option<Removed>, locale: Locale) -> Self {
        let priced = &basket.priced;
        let missing = priced.missing_for_min_order.filter(|missing| *missing > Money::ZERO);
        Self {
            locale,
            restaurant: basket.restaurant_name().map(str::to_owned),
            closed: priced.restaurant.as_ref().and_then(|now| words::closed(now, locale)),
            lines: basket.lines.iter().map(|line| LineRow::of(line, locale)).collect(),
            unavailable_count: priced.unavailable_count,
            subtotal: money::amount(priced.subtotal, locale),
            delivery_fee: priced.delivery_fee.map(|fee| money::amount(fee, locale)),
            missing: missing.map(|missing| words::missing(missing, priced.min_order, locale)),
            removed,
        }
    }
}

impl LineRow {
    pub(super) fn of(line: &ShownLine, locale: Locale) -> Self {
        let most = u32::from(MOST_OF_A_LINE.unsigned_abs());
        Self {
            id: line.id.to_string(),
            name: line.name.clone().unwrap_or_else(|| locale.say("Bilinmeyen ürün", "Unknown item").to_owned()),
            chosen: line.chosen.clone(),
            note: line.note.clone(),
            quantity: line.quantity,
            less: Some(line.quantity.saturating_sub(1)).filter(|less| *less > 0),
            more: Some(line.quantity.saturating_add(1)).filter(|more| *more <= most),
            total: line.price.ok().map(|(_, total)| money::amount(total, locale)),
            why_not: line.price.err().map(|why| words::unavailable(why, locale)),
        }
    }
}
