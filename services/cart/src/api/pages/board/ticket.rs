//! An order as it hangs in the kitchen.

use std::time::Duration;

use askama::Template;
use clock::{Sources, Timestamp};
use contracts::{Locale, OrderId, OrderStatus, RestaurantId};
use web::{FormKey, dates, money};

use super::stage::{Pace, Stage};
use super::words;
use crate::actions::FullOrder;
use crate::model::{Fulfilment, MOST_DELAYS, Minutes, Options, RestaurantCopy};
use crate::store::order::{Order, OrderLine};

/// An order that is not answered is soon late so long before its time is over.
const ANSWER_SOON_MARGIN: Duration = Duration::from_secs(5 * 60);
/// And late so long before.
const ANSWER_LATE_MARGIN: Duration = Duration::from_secs(2 * 60);
/// An order is late so long after what was promised.
const LATE_GRACE: Duration = Duration::from_secs(10 * 60);
/// How long a restaurant cooks whose menu is not known any more.
const USUAL_MINUTES: u16 = 30;
/// How much longer an order takes by one press.
pub(super) const MORE_MINUTES: i16 = 10;

/// What all tickets of a board have in common.
pub(super) struct Shown<'a> {
    pub(super) restaurant_id: RestaurantId,
    pub(super) restaurant: &'a RestaurantCopy,
    pub(super) now: Timestamp,
    pub(super) sources: &'a Sources,
    pub(super) locale: Locale,
}

/// An order that moves on.
#[derive(Template)]
#[template(path = "board/ticket.html")]
pub(super) struct Ticket {
    locale: Locale,
    pub(super) stage: Stage,
    restaurant_id: RestaurantId,
    id: OrderId,
    code: String,
    version: i64,
    since: String,
    age: String,
    pace: Pace,
    soon_at: String,
    late_at: String,
    promise: String,
    is_scheduled: bool,
    lines: Vec<TicketLine>,
    note: String,
    fulfilment: &'static str,
    address: Option<String>,
    payment: &'static str,
    total: String,
    /// How long it may be said to take; nothing where that is not asked.
    accept_in: Vec<i16>,
    steps: Vec<StepButton>,
    /// Of the form that says that it takes longer, where it still can be said.
    delay_key: Option<FormKey>,
}

/// What is to be cooked.
struct TicketLine {
    quantity: i16,
    name: String,
    options: String,
    note: String,
}

/// A step that is made by one press.
struct StepButton {
    /// The word in its path.
    path: &'static str,
    label: &'static str,
}

/// An order that has come to its end.
pub(super) struct ClosedOrder {
    pub(super) id: OrderId,
    pub(super) code: String,
    pub(super) status: OrderStatus,
    pub(super) text: String,
    pub(super) total: String,
    pub(super) closed_at: String,
}

impl Ticket {
    /// `None` where the order moves no more.
    pub(super) fn of(full: FullOrder, shown: &Shown<'_>) -> Option<Self> {
        let stage = Stage::of(full.order.status)?;
        let (now, locale) = (shown.now, shown.locale);
        let since = since(&full, stage);
        let FullOrder { order, lines, .. } = full;
        let times = times(&order, stage);
        let may_delay = stage == Stage::Cooking && order.delays < MOST_DELAYS;
        Some(Self {
            stage,
            restaurant_id: shown.restaurant_id,
            id: order.public_id,
            code: order.code.to_string(),
            version: order.version,
            since: dates::machine_time(since),
            age: words::age(since, now),
            pace: Pace::at(now, times),
            soon_at: dates::machine_time(times.0),
            late_at: dates::machine_time(times.1),
            promise: words::promise((order.is_asap, stage), (order.target_at, order.answer_by), now, locale),
            is_scheduled: !order.is_asap,
            lines: lines.into_iter().map(|line| TicketLine::of(line, shown)).collect(),
            note: order.note.as_str().to_owned(),
            fulfilment: words::fulfilment(order.fulfilment, stage, locale),
            address: order.address.as_ref().map(|address| words::address(address, locale)),
            payment: words::payment(order.payment_method, locale),
            total: money::amount(order.total_kurus, locale),
            accept_in: if stage == Stage::New && order.is_asap { offered(shown.restaurant) } else { Vec::new() },
            steps: steps(order.status, order.fulfilment, locale),
            delay_key: may_delay.then(|| FormKey::new(shown.sources)),
            locale,
        })
    }

    fn accept_label(&self, minutes: i16) -> String {
        words::accept_in(minutes, self.accept_in.first() == Some(&minutes), self.locale)
    }

    /// What is said of each pace, the present one first: the script chooses as time goes by.
    fn pace_texts(&self) -> [&'static str; 3] {
        [self.pace, Pace::Soon, Pace::Late].map(|pace| words::pace(pace, self.stage, self.locale))
    }
}

impl TicketLine {
    fn of(line: OrderLine, shown: &Shown<'_>) -> Self {
        let OrderLine { quantity, name, options, note, .. } = line;
        Self { quantity, name, options: names(&options, shown), note: note.as_str().to_owned() }
    }
}

impl ClosedOrder {
    pub(super) fn of(order: &Order, locale: Locale) -> Self {
        let status = words::status(order.status, locale);
        let why = order.reason.map(|reason| words::reason(reason, locale));
        Self {
            id: order.public_id,
            code: order.code.to_string(),
            status: order.status,
            text: why.map_or_else(|| status.to_owned(), |why| format!("{status}: {why}")),
            total: money::amount(order.total_kurus, locale),
            closed_at: order.closed_at.map(dates::clock).unwrap_or_default(),
        }
    }
}

/// Since when the order stands in its column.
fn since(full: &FullOrder, stage: Stage) -> Timestamp {
    let first = full.events.iter().find(|event| Stage::of(event.status) == Some(stage));
    first.map_or(full.order.changed_at, |event| event.at)
}

/// From when on it is soon late, and from when on it is.
fn times(order: &Order, stage: Stage) -> (Timestamp, Timestamp) {
    match stage {
        Stage::New => (order.answer_by - ANSWER_SOON_MARGIN, order.answer_by - ANSWER_LATE_MARGIN),
        Stage::Cooking | Stage::OnTheWay => (order.target_at, order.target_at + LATE_GRACE),
    }
}

fn offered(restaurant: &RestaurantCopy) -> Vec<i16> {
    let preparation = restaurant.kitchen().map_or(USUAL_MINUTES, |offer| offer.catalog.prep_time);
    Minutes::offered(preparation).into_iter().map(|minutes| minutes.0).collect()
}

/// What was chosen with a meal, by its names on the menu. What the menu has lost is said to be missing, so that somebody asks.
fn names(options: &Options, shown: &Shown<'_>) -> String {
    let named = shown.restaurant.names(options);
    let removed = shown.locale.say("menüden çıkarılan seçenek", "an option that is off the menu");
    let lost = (named.len() < options.chosen().len()).then(|| removed.to_owned());
    let name = |(name, quantity): (&str, u16)| match quantity {
        1 => name.to_owned(),
        _ => format!("{quantity} × {name}"),
    };
    named.into_iter().map(name).chain(lost).collect::<Vec<_>>().join(", ")
}

/// What can be done with the order by one press, the usual first.
fn steps(status: OrderStatus, fulfilment: Fulfilment, locale: Locale) -> Vec<StepButton> {
    let prepare = StepButton { path: "hazirla", label: locale.say("Hazırlamaya başla", "Start cooking") };
    let dispatch = StepButton { path: "yola", label: locale.say("Hazır, yola çıktı", "Ready, on its way") };
    let ready = StepButton { path: "yola", label: locale.say("Hazır", "Ready") };
    let deliver = StepButton { path: "teslim", label: locale.say("Teslim edildi", "Delivered") };
    match (status, fulfilment) {
        (OrderStatus::Accepted, Fulfilment::Delivery) => vec![prepare, dispatch],
        (OrderStatus::Accepted, Fulfilment::Pickup) => vec![prepare, ready],
        (OrderStatus::Preparing, Fulfilment::Delivery) => vec![dispatch],
        (OrderStatus::Preparing, Fulfilment::Pickup) => vec![ready, deliver],
        (OrderStatus::OnTheWay, _) => vec![deliver],
        (
            OrderStatus::AwaitingPayment
            | OrderStatus::Placed
            | OrderStatus::Delivered
            | OrderStatus::Rejected
            | OrderStatus::Cancelled
            | OrderStatus::PaymentFailed,
            _,
        ) => Vec::new(),
    }
}
