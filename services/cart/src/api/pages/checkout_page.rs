//! What `/odeme` shows: the fields as they were typed, and what an order of the cart would cost by them.

use askama::Template;
use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveTime};
use contracts::{AddressDetails, Locale, Money, PaymentMethod, UserId};
use web::{FormKey, Page, Reader, Typed, dates, money};

use super::basket::LineRow;
use super::checkout_form::{self, LATER, NOW};
use super::shown_basket::ShownBasket;
use super::words;
use crate::actions::{self, Quote};
use crate::error::{CartError, OrderRefusal};
use crate::model::{Fulfilment, Offer, OrderCost, SandboxToken, ScheduleDate};
use crate::state::Carts;
use crate::store::address::Address;

/// The fields that the page begins with.
pub(super) struct Asked {
    pub(super) typed: Typed,
    pub(super) key: FormKey,
    /// An address was just written, and is not known here yet.
    pub(super) is_address_awaited: bool,
    /// Its reader is shown what costs something else than before.
    pub(super) is_changed: bool,
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    key: FormKey,
    restaurant: &'a str,
    lines: Vec<OrderedLine>,
    addresses: Vec<AddressRow>,
    is_address_awaited: bool,
    is_pickup: bool,
    closed: Option<String>,
    is_later: bool,
    days: Vec<Choice>,
    times: Vec<Choice>,
    methods: Vec<Choice>,
    cards: Vec<Choice>,
    code: Option<String>,
    missing: Option<String>,
    has_unavailable: bool,
    sums: Sums,
    seen: i64,
    changes: Vec<PriceChange>,
}

/// A line with what one of it costs, by which a change is seen.
struct OrderedLine {
    row: LineRow,
    unit: Option<i64>,
}

struct AddressRow {
    id: String,
    title: String,
    text: String,
    is_chosen: bool,
    is_served: bool,
}

/// One of several values of a field.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

struct Sums {
    subtotal: String,
    discount: Option<String>,
    delivery_fee: String,
    total: String,
    vat: String,
}

/// What has cost something else when its reader saw it.
struct PriceChange {
    name: String,
    was: String,
    is: String,
}

impl Asked {
    pub(super) fn new(typed: Typed, key: FormKey) -> Self {
        Self { typed, key, is_address_awaited: false, is_changed: false }
    }
}

/// The page; `None` where there is nothing to order.
pub(super) async fn page(
    carts: &Carts,
    reader: &Reader,
    user_id: UserId,
    asked: Asked,
) -> Result<Option<Page>, CartError> {
    let Asked { mut typed, key, is_address_awaited, is_changed } = asked;
    let locale = reader.locale;
    let coupon = checkout_form::coupon(&typed);
    let fulfilment = checkout_form::fulfilment(&typed);
    let Some(quote) = actions::quote(carts, user_id, (coupon.as_ref(), fulfilment)).await? else { return Ok(None) };
    let Some(offer) = quote.restaurant.offer() else { return Ok(None) };
    let mut status = StatusCode::OK;
    if let Some(refusal) = quote.coupon_refusal.filter(|_| typed.fault("coupon_code").is_none()) {
        let problem = checkout_form::problem(OrderRefusal::Coupon(refusal).into());
        status = problem.status();
        typed = typed.refused(&problem, locale);
    }
    let basket = ShownBasket::of_user(carts, user_id).await?;
    let lines: Vec<OrderedLine> = basket
        .lines
        .iter()
        .map(|line| OrderedLine { row: LineRow::of(line, locale), unit: line.price.ok().map(|(unit, _)| unit.kurus()) })
        .collect();
    let addresses = actions::address::list_addresses(carts, user_id).await?;
    let missing = quote.cart.priced.missing_for_min_order.filter(|missing| *missing > Money::ZERO);
    let body = Body {
        locale,
        key,
        restaurant: quote.restaurant.name(),
        addresses: rows(addresses, offer, typed.value("address_id")),
        is_address_awaited,
        is_pickup: fulfilment == Fulfilment::Pickup,
        closed: closed(&quote, locale),
        is_later: is_later(&typed, &quote),
        days: quote.slots.days.iter().map(|day| day_choice(*day, &typed, locale)).collect(),
        times: quote.slots.times.iter().map(|time| time_choice(*time, &typed)).collect(),
        methods: methods(offer, typed.value("payment_method"), locale),
        cards: cards(typed.value("token"), locale),
        code: quote.code.clone(),
        missing: missing.map(|missing| words::missing(missing, quote.cart.priced.min_order, locale)),
        has_unavailable: quote.cart.priced.unavailable_count > 0,
        sums: Sums::of(&quote.cost, locale),
        seen: quote.cost.total.kurus(),
        changes: if is_changed { changes(&lines, &typed, locale) } else { Vec::new() },
        lines,
        form: &typed,
    };
    let page = Page::of(reader, locale.say("Ödeme", "Checkout"), &body);
    Ok(Some(page.shortcut("#total", locale.say("Onaya geç", "Skip to confirming")).status(status)))
}

/// Each address, the one that was chosen before, or else the first that is served, with a mark.
fn rows(addresses: Vec<Address>, offer: &Offer, chosen: &str) -> Vec<AddressRow> {
    let row = |address: Address| {
        let details: AddressDetails = address.details?;
        let id = address.id.to_string();
        Some(AddressRow {
            is_chosen: id == chosen,
            is_served: offer.delivers_to(&details),
            text: format!("{}, {} / {}", details.full_address, details.district, details.city),
            title: details.title,
            id,
        })
    };
    let mut rows: Vec<AddressRow> = addresses.into_iter().filter_map(row).collect();
    if chosen.is_empty()
        && let Some(first) = rows.iter_mut().find(|row| row.is_served)
    {
        first.is_chosen = true;
    }
    rows
}

/// Why nothing can be ordered for now.
fn closed(quote: &Quote, locale: Locale) -> Option<String> {
    quote.now.as_ref().err()?;
    quote.cart.priced.restaurant.as_ref().and_then(|now| words::closed(now, locale))
}

/// Whoever can't have it now is offered a time first.
fn is_later(typed: &Typed, quote: &Quote) -> bool {
    match typed.value("zaman") {
        LATER => true,
        NOW => false,
        _ => quote.now.is_err() && !quote.slots.days.is_empty(),
    }
}

fn day_choice(day: NaiveDate, typed: &Typed, locale: Locale) -> Choice {
    let value = day.to_string();
    let noon = day.and_hms_opt(12, 0, 0).and_then(ScheduleDate::local);
    let label = noon.map_or_else(|| value.clone(), |ScheduleDate(noon)| dates::date(noon, locale));
    Choice { is_chosen: typed.value("gun") == value, label, value }
}

fn time_choice(time: NaiveTime, typed: &Typed) -> Choice {
    let value = time.format("%H:%M").to_string();
    Choice { is_chosen: typed.value("saat") == value, label: value.clone(), value }
}

fn methods(offer: &Offer, chosen: &str, locale: Locale) -> Vec<Choice> {
    let offered = &offer.catalog.terms.payment_methods;
    let first = offered.first().map(|method| method.as_str());
    let chosen = if chosen.is_empty() { first } else { Some(chosen) };
    let choice = |method: &PaymentMethod| Choice {
        value: method.as_str().to_owned(),
        label: words::payment_method(*method, locale).to_owned(),
        is_chosen: chosen == Some(method.as_str()),
    };
    offered.iter().map(choice).collect()
}

/// The cards of the sandbox that a reader can do something with.
fn cards(chosen: &str, locale: Locale) -> Vec<Choice> {
    let cards = [
        (SandboxToken::Ok, locale.say("Öder", "Pays")),
        (SandboxToken::ThreeDsOk, locale.say("Önce onay ister", "Asks for a confirmation first")),
        (SandboxToken::Declined, locale.say("Reddedilir", "Is declined")),
    ];
    let choice = |(card, label): (SandboxToken, &str)| Choice {
        value: card.as_str().to_owned(),
        label: label.to_owned(),
        is_chosen: card.as_str() == chosen,
    };
    cards.map(choice).into()
}

/// What costs something else than the form says that its reader has seen, or was not there.
fn changes(lines: &[OrderedLine], typed: &Typed, locale: Locale) -> Vec<PriceChange> {
    let amount = |kurus: i64| Money::from_kurus(kurus).ok().map(|money| money::amount(money, locale));
    let change = |line: &OrderedLine| {
        let is = line.unit?;
        let was = typed.value(&format!("gorulen-{}", line.row.id)).parse().ok();
        if was == Some(is) {
            return None;
        }
        let new = || locale.say("yeni", "new").to_owned();
        Some(PriceChange {
            name: line.row.name.clone(),
            was: was.and_then(amount).unwrap_or_else(new),
            is: amount(is)?,
        })
    };
    lines.iter().filter_map(change).collect()
}

impl Sums {
    fn of(cost: &OrderCost, locale: Locale) -> Self {
        let discount = Some(cost.discount).filter(|discount| *discount > Money::ZERO);
        Self {
            subtotal: money::amount(cost.subtotal, locale),
            discount: discount.map(|discount| money::deduction(discount, locale)),
            delivery_fee: money::amount(cost.delivery_fee, locale),
            total: money::amount(cost.total, locale),
            vat: money::amount(cost.vat, locale),
        }
    }
}
