//! What the board says with values in it, or by them, in both languages.

use chrono::Days;
use clock::Timestamp;
use contracts::opening_hours::HoursState;
use contracts::{AddressDetails, Locale, OrderStatus, PaymentMethod};
use web::dates;

use super::stage::{Pace, Stage};
use crate::model::{EarningsPeriod, Fulfilment, Offer, Period, Reason, day_of};

/// Whether a restaurant takes orders: the class of its chip, and the text.
pub(super) fn hours(offer: Option<&Offer>, now: Timestamp, locale: Locale) -> (&'static str, String) {
    let Some(offer) = offer else {
        return ("bad", locale.say("Restoran silindi", "The restaurant is gone").to_owned());
    };
    if offer.is_paused(now) {
        let until = offer.schedule().paused_until.map(dates::clock).unwrap_or_default();
        return ("warn", format!("{} {until}", locale.say("Mola · bitiş", "Paused until")));
    }
    match offer.hours(now) {
        HoursState::Open { accepts_orders: false, .. } => {
            ("warn", locale.say("Açık · bugün sipariş almıyor", "Open, takes no more orders today").to_owned())
        }
        HoursState::Open { closes_at: Some(at), .. } => {
            ("good", format!("{} {}", locale.say("Açık · kapanış", "Open until"), dates::clock(at)))
        }
        HoursState::Open { closes_at: None, .. } => ("good", locale.say("Açık", "Open").to_owned()),
        HoursState::Closed { opens_at: Some(at) } => {
            ("bad", format!("{} {}", locale.say("Kapalı · açılış", "Closed, opens"), moment(at, now, locale)))
        }
        HoursState::Closed { opens_at: None } => ("bad", locale.say("Kapalı", "Closed").to_owned()),
    }
}

/// The clock, with the day where it is another one.
pub(super) fn moment(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let (day, clock) = (day_of(at), dates::clock(at));
    if day == day_of(now) { clock } else { format!("{} {clock}", dates::day(day, locale)) }
}

/// `12:10`, or `1:02:10` from an hour on.
pub(super) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now - since).num_seconds().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// How an order stands to the time that it has; nothing where there is enough.
pub(super) fn pace(pace: Pace, stage: Stage, locale: Locale) -> &'static str {
    match (pace, stage) {
        (Pace::InTime, _) => "",
        (Pace::Soon, Stage::New) => locale.say("Yanıt süresi azalıyor", "Answer soon"),
        (Pace::Late, Stage::New) => locale.say("Birazdan reddedilecek", "About to be rejected"),
        (Pace::Soon, Stage::Cooking | Stage::OnTheWay) => locale.say("Söz zamanı geldi", "Due now"),
        (Pace::Late, Stage::Cooking | Stage::OnTheWay) => locale.say("GEÇ", "LATE"),
    }
}

pub(super) fn status(status: OrderStatus, locale: Locale) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => locale.say("Ödeme bekliyor", "Waits for the card"),
        OrderStatus::Placed => locale.say("Yanıt bekliyor", "Waits for an answer"),
        OrderStatus::Accepted => locale.say("Kabul edildi", "Accepted"),
        OrderStatus::Preparing => locale.say("Hazırlanıyor", "Being cooked"),
        OrderStatus::OnTheWay => locale.say("Yolda", "On its way"),
        OrderStatus::Delivered => locale.say("Teslim edildi", "Delivered"),
        OrderStatus::Rejected => locale.say("Reddedildi", "Rejected"),
        OrderStatus::Cancelled => locale.say("İptal edildi", "Called off"),
        OrderStatus::PaymentFailed => locale.say("Ödenmedi", "Not paid"),
    }
}

pub(super) fn reason(reason: Reason, locale: Locale) -> &'static str {
    match reason {
        Reason::Closed => locale.say("Kapalıyız", "We are closed"),
        Reason::SoldOut => locale.say("Bir ürün tükendi", "Something is sold out"),
        Reason::TooBusy => locale.say("Çok yoğunuz", "We are too busy"),
        Reason::Area => locale.say("Adres çok uzak", "The address is too far"),
        Reason::Other => locale.say("Başka bir neden", "Another reason"),
        Reason::NoAnswer => locale.say("Süresinde yanıt verilmedi", "Not answered in time"),
        Reason::PaymentRefused => locale.say("Kart ödemedi", "The card did not pay"),
    }
}

pub(super) fn payment(method: PaymentMethod, locale: Locale) -> &'static str {
    match method {
        PaymentMethod::Cash => locale.say("Kapıda nakit", "Cash at the door"),
        PaymentMethod::Pos => locale.say("Kapıda kart", "Card at the door"),
        PaymentMethod::CreditCard => locale.say("Siparişte kart", "Card online"),
    }
}

pub(super) fn fulfilment(fulfilment: Fulfilment, stage: Stage, locale: Locale) -> &'static str {
    match (fulfilment, stage) {
        (Fulfilment::Delivery, _) => locale.say("Adrese teslim", "Delivery"),
        (Fulfilment::Pickup, Stage::New | Stage::Cooking) => locale.say("Gel al", "Pickup"),
        (Fulfilment::Pickup, Stage::OnTheWay) => locale.say("Gel al: hazır, bekliyor", "Pickup: ready and waiting"),
    }
}

/// Where an order goes to, in one line.
pub(super) fn address(address: &AddressDetails, locale: Locale) -> String {
    let door = [
        (&address.apartment, locale.say("Apartman", "Building")),
        (&address.floor, locale.say("Kat", "Floor")),
        (&address.door_number, locale.say("Kapı", "Door")),
    ];
    let door = door.into_iter().filter_map(|(value, name)| value.as_ref().map(|value| format!("{name} {value}")));
    let whole = [address.full_address.clone(), address.district.clone()].into_iter().chain(door);
    whole.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// For when an order is wanted, and until when it has to be answered.
pub(super) fn promise(
    (is_asap, stage): (bool, Stage),
    (target_at, answer_by): (Timestamp, Timestamp),
    now: Timestamp,
    locale: Locale,
) -> String {
    let target = moment(target_at, now, locale);
    match (stage, is_asap) {
        (Stage::New, true) => {
            let answer_by = moment(answer_by, now, locale);
            format!("{} {answer_by}", locale.say("Hemen · son yanıt", "As soon as possible, answer by"))
        }
        (Stage::New, false) => {
            let answer_by = moment(answer_by, now, locale);
            let (wanted, answer) = (locale.say("İstenen", "Wanted"), locale.say("son yanıt", "answer by"));
            format!("{wanted} {target} · {answer} {answer_by}")
        }
        (Stage::Cooking | Stage::OnTheWay, true) => format!("{} {target}", locale.say("Söz", "Promised")),
        (Stage::Cooking | Stage::OnTheWay, false) => format!("{} {target}", locale.say("İstenen", "Wanted")),
    }
}

/// A button that says how long it will take.
pub(super) fn accept_in(minutes: i16, is_first: bool, locale: Locale) -> String {
    let minutes = format!("{minutes} {}", locale.say("dk", "min"));
    if is_first { format!("{} · {minutes}", locale.say("Kabul et", "Accept")) } else { minutes }
}

/// What a period is called.
pub(super) fn period(EarningsPeriod { period, first_day }: EarningsPeriod, locale: Locale) -> String {
    match period {
        Period::Day => dates::full_day(first_day, locale),
        Period::Week => {
            let last_day = first_day + Days::new(6);
            format!("{} – {}", dates::day(first_day, locale), dates::full_day(last_day, locale))
        }
        Period::Month => dates::month_of(first_day, locale),
    }
}

/// What a part of a period is called: an hour of a day, a day of a longer one.
pub(super) fn span(period: Period, begin: Timestamp, locale: Locale) -> String {
    match period {
        Period::Day => dates::clock(begin),
        Period::Week | Period::Month => dates::day(day_of(begin), locale),
    }
}

/// What the sums of a table are called.
pub(super) fn sums(locale: Locale) -> [&'static str; 6] {
    [
        locale.say("Sipariş", "Orders"),
        locale.say("Yemekler", "Meals"),
        locale.say("İndirim", "Discount"),
        locale.say("Teslimat", "Delivery"),
        locale.say("İade", "Refunds"),
        locale.say("Kalan", "Net"),
    ]
}
