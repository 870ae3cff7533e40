//! The form of `/odeme`: what its fields say, and what is said at which field when nothing is ordered.

use contracts::{AddressId, Locale, Money, PaymentMethod};
use kit::{Fault, Faults, Field, FieldValue, Problem, Text};
use serde::Deserialize;
use web::{Form, FormKey, Typed, dates, money};

use super::words;
use crate::error::{CartError, OrderRefusal};
use crate::model::{Checkout, CouponCode, CouponRefusal, DueRefusal, Fulfilment, Note, SandboxToken, ScheduleDate};

/// The value of `address_id` for who comes by.
const PICKUP: &str = "gel-al";
/// The values of `zaman`.
pub(super) const NOW: &str = "simdi";
pub(super) const LATER: &str = "sonra";

/// What the form sends, besides the code of a coupon and the time.
#[derive(Debug, Deserialize)]
pub(super) struct CheckoutFields {
    #[serde(default)]
    istek: Field<FormKey>,
    #[serde(default)]
    gorulen: Field<SeenTotal>,
    #[serde(default)]
    address_id: Field<Destination>,
    #[serde(default)]
    payment_method: Field<TypedMethod>,
    #[serde(default)]
    token: Field<SandboxToken>,
    #[serde(default)]
    note: Field<Note>,
}

/// What its reader has seen that they pay, in kuruş.
#[derive(Debug, Clone, Copy)]
struct SeenTotal(Money);

/// Where to.
#[derive(Debug, Clone, Copy)]
enum Destination {
    Address(AddressId),
    Pickup,
}

#[derive(Debug, Clone, Copy)]
struct TypedMethod(PaymentMethod);

impl FieldValue for SeenTotal {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let total = raw.parse().ok().and_then(|kurus| Money::from_kurus(kurus).ok());
        let text = Text::new("Form eskimiş; sayfayı yenileyin.", "The form is out of date; reload the page.");
        total.map(Self).ok_or(("INVALID_TOTAL", text))
    }
}

impl FieldValue for Destination {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        if raw == PICKUP {
            return Ok(Self::Pickup);
        }
        let text = Text::new("Bir adres seçin.", "Choose an address.");
        raw.parse().map(Self::Address).map_err(|_| ("REQUIRED", text))
    }
}

impl FieldValue for TypedMethod {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("Bir ödeme yöntemi seçin.", "Choose how you pay.");
        raw.parse().map(Self).map_err(|_| ("INVALID_PAYMENT_METHOD", text))
    }
}

/// What is ordered by the form, and its key; or every fault.
pub(super) fn checkout(
    Form { fields, typed }: Form<CheckoutFields>,
    locale: Locale,
) -> Result<(Checkout, FormKey), Problem> {
    let mut faults = Faults::default();
    let key = faults.required("istek", fields.istek);
    let destination = faults.required("address_id", fields.address_id);
    let wanted_at = wanted_at(&typed, &mut faults);
    let method = faults.required("payment_method", fields.payment_method);
    let card = faults.unless_null("token", fields.token).unwrap_or_default();
    let note = faults.unless_null("note", fields.note).unwrap_or_default();
    let seen = faults.required("gorulen", fields.gorulen);
    let (Some(key), Some(destination), Some(TypedMethod(payment_method)), Some(SeenTotal(seen))) =
        (key, destination, method, seen)
    else {
        return Err(faults.check().expect_err("a field that is missing left a fault"));
    };
    faults.check()?;
    let (address_id, fulfilment) = match destination {
        Destination::Address(id) => (Some(id), Fulfilment::Delivery),
        Destination::Pickup => (None, Fulfilment::Pickup),
    };
    let checkout = Checkout {
        items: None,
        payment_method,
        coupon: coupon(&typed),
        address_id,
        wanted_at,
        fulfilment,
        note,
        expected_total: Some(seen),
        // Of no meaning unless a card pays.
        card: if payment_method == PaymentMethod::CreditCard { card } else { SandboxToken::default() },
        locale,
    };
    Ok((checkout, key))
}

/// The code that was typed.
pub(super) fn coupon(typed: &Typed) -> Option<CouponCode> {
    CouponCode::typed(typed.value("coupon_code"))
}

/// Whether who orders comes by.
pub(super) fn fulfilment(typed: &Typed) -> Fulfilment {
    if typed.value("address_id") == PICKUP { Fulfilment::Pickup } else { Fulfilment::Delivery }
}

/// For when it is wanted: as soon as it can be, or at that time by the clocks of the town.
fn wanted_at(typed: &Typed, faults: &mut Faults) -> Option<clock::Timestamp> {
    let chosen = match typed.value("zaman") {
        NOW | "" => return None,
        LATER => ScheduleDate::parse(format!("{}T{}", typed.value("gun"), typed.value("saat"))).ok(),
        _ => None,
    };
    if chosen.is_none() {
        let text = Text::new("Bir gün ve bir saat seçin.", "Choose a day and a time.");
        faults.add("schedule_date", "SCHEDULE_INVALID", text);
    }
    chosen.map(|ScheduleDate(at)| at)
}

/// What the page says of `error`: at the field where its reader can do something about it.
pub(super) fn problem(error: CartError) -> Problem {
    let CartError::Order(refusal) = &error else { return error.into() };
    let field = match refusal {
        OrderRefusal::Due(_) | OrderRefusal::SeveralTimes | OrderRefusal::SlotFull { .. } => "schedule_date",
        OrderRefusal::AddressNotFound | OrderRefusal::AddressNotKnownYet | OrderRefusal::OutsideArea => "address_id",
        OrderRefusal::PaymentMethodNotOffered | OrderRefusal::PaymentDeclined | OrderRefusal::TooManyUnpaid => {
            "payment_method"
        }
        OrderRefusal::Coupon(_) => "coupon_code",
        OrderRefusal::PriceChanged { .. } => "total",
        OrderRefusal::Empty
        | OrderRefusal::UnknownMeal(_)
        | OrderRefusal::DifferentRestaurants
        | OrderRefusal::RestaurantGone
        | OrderRefusal::Unavailable(_)
        | OrderRefusal::MinOrder { .. }
        | OrderRefusal::TooExpensive => "lines",
        OrderRefusal::InProgress => return error.into(),
    };
    let (more_tr, more_en) = (way_out(refusal, Locale::Tr), way_out(refusal, Locale::En));
    let said = Problem::from(error);
    let in_both = |locale: Locale, more: Option<String>| match more {
        Some(more) => format!("{} {more}", said.text(locale)),
        None => said.text(locale).to_owned(),
    };
    let text = Text { tr: in_both(Locale::Tr, more_tr).into(), en: in_both(Locale::En, more_en).into() };
    let above = Text::new("Siparişiniz verilmedi, ücret alınmadı.", "Nothing was ordered, and nothing was charged.");
    Problem::new(said.status(), said.code(), above).naming(Fault::new(field, said.code(), text))
}

/// What can be done instead, where that depends on the refusal.
fn way_out(refusal: &OrderRefusal, locale: Locale) -> Option<String> {
    match refusal {
        OrderRefusal::Due(DueRefusal::Closed(Some(at)) | DueRefusal::Paused(Some(at))) => {
            Some(words::opens_at(*at, locale))
        }
        OrderRefusal::Due(DueRefusal::TooSoon(Some(at))) => {
            let at = dates::date_time(*at, locale);
            Some(format!("{} {at}.", locale.say("En erken:", "At the earliest:")))
        }
        OrderRefusal::SlotFull { free } if !free.is_empty() => {
            let free: Vec<String> = free.iter().map(|at| dates::date_time(*at, locale)).collect();
            Some(format!("{} {}.", locale.say("Boş saatler:", "There is place at:"), free.join("; ")))
        }
        OrderRefusal::MinOrder { least, subtotal } => {
            let missing = least.checked_sub(*subtotal).unwrap_or_default();
            Some(words::missing(missing, Some(*least), locale))
        }
        OrderRefusal::PriceChanged { total, .. } => {
            let total = money::amount(*total, locale);
            let again = locale.say("Uygunsa yeniden onaylayın.", "Confirm again if you agree.");
            Some(format!("{} {total}. {again}", locale.say("Yeni toplam:", "The new total:")))
        }
        OrderRefusal::Coupon(CouponRefusal::MinBasket(least)) => {
            let least = money::amount(*least, locale);
            Some(format!("{} {least}.", locale.say("En az:", "At least:")))
        }
        OrderRefusal::Due(_)
        | OrderRefusal::SlotFull { .. }
        | OrderRefusal::Coupon(_)
        | OrderRefusal::Empty
        | OrderRefusal::UnknownMeal(_)
        | OrderRefusal::DifferentRestaurants
        | OrderRefusal::RestaurantGone
        | OrderRefusal::Unavailable(_)
        | OrderRefusal::AddressNotFound
        | OrderRefusal::AddressNotKnownYet
        | OrderRefusal::SeveralTimes
        | OrderRefusal::TooManyUnpaid
        | OrderRefusal::OutsideArea
        | OrderRefusal::PaymentMethodNotOffered
        | OrderRefusal::TooExpensive
        | OrderRefusal::InProgress
        | OrderRefusal::PaymentDeclined => None,
    }
}
