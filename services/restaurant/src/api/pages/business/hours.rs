//! `/isletme/{r}/saatler`: the hours of each day of the week, and what follows from them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::Weekday;
use contracts::Locale;
use kit::Problem;
use serde_json::{Map, Value};
use web::{Flash, Page, Reader, Typed, dates};

use super::answer::{Done, answer_change};
use super::asked::OwnRestaurant;
use super::form_body::FormBody;
use super::frame::{Tab, page as page_of};
use super::state_text::{StateChip, state_of};
use super::week_ahead::{DayAhead, next_day_text, week_ahead};
use super::words;
use crate::actions;
use crate::api::hours::UpdateHours;
use crate::state::Restaurants;
use crate::store::restaurant::Restaurant;

/// The days as the API names them.
const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "monday"),
    (Weekday::Tue, "tuesday"),
    (Weekday::Wed, "wednesday"),
    (Weekday::Thu, "thursday"),
    (Weekday::Fri, "friday"),
    (Weekday::Sat, "saturday"),
    (Weekday::Sun, "sunday"),
];
/// The days to which those of one are copied.
const WORKDAYS: usize = 5;
/// Intervals of one day, as the API takes them.
const MOST_INTERVALS: usize = 6;
const DAY_MINUTES: u16 = 24 * 60;

#[derive(Template)]
#[template(path = "business/hours.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    action: String,
    state: StateChip,
    days: Vec<DayFields>,
    ahead: Vec<DayAhead>,
}

/// The fields of one day.
struct DayFields {
    key: &'static str,
    name: &'static str,
    is_closed: bool,
    intervals: Vec<IntervalFields>,
    fault: Option<String>,
}

struct IntervalFields {
    label: String,
    from: String,
    from_field: String,
    until: String,
    until_field: String,
    /// Said behind a close past midnight.
    next_day: Option<&'static str>,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    let current = typed(&own.full.restaurant);
    page(&restaurants, &reader, &own, &current.clone().marked_by(&current))
}

/// Changes the week, with the hours of one day on all workdays where a button says so. Done twice it is done once.
pub(super) async fn update_hours(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    sent: Typed,
) -> Result<Response, Problem> {
    let update = async |change| actions::update_hours(&restaurants, own.writer, own.id(), change).await;
    let change = async |sent: &Typed| {
        let body = FormBody::of(sent).value("opening_hours", week(sent)).number("last_order_min");
        let changed = body.submit(UpdateHours::change, update).await;
        changed.map(|_| Done { flash: Flash::HoursSaved, path: own.path("/saatler") })
    };
    let show = async |form| page(&restaurants, &reader, &own, &form);
    answer_change(&reader, sent, &typed(&own.full.restaurant), change, show).await
}

/// The week of the form, as the API takes it.
fn week(typed: &Typed) -> Map<String, Value> {
    let copied = DAYS.into_iter().map(|(_, key)| key).find(|key| *key == typed.value("kopyala"));
    let day = |(place, (_, key)): (usize, (Weekday, &str))| {
        let source = copied.filter(|_| place < WORKDAYS).unwrap_or(key);
        (key.to_owned(), Value::from(intervals(typed, source)))
    };
    DAYS.into_iter().enumerate().map(day).collect()
}

/// The intervals that were typed for a day, as texts.
fn intervals(typed: &Typed, key: &str) -> Vec<String> {
    let sent = |place: usize| {
        let [from, until] = fields(key, place).map(|field| typed.value(&field).trim().to_owned());
        (!from.is_empty() || !until.is_empty()).then(|| format!("{from}-{until}"))
    };
    // One more than it takes, so that too many are refused and not left out.
    (0..=MOST_INTERVALS).filter_map(sent).collect()
}

fn fields(key: &str, place: usize) -> [String; 2] {
    ["from", "until"].map(|end| format!("opening_hours.{key}.{end}[{place}]"))
}

/// The form as the hours of the restaurant fill it in.
fn typed(restaurant: &Restaurant) -> Typed {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let intervals = DAYS.into_iter().flat_map(|(day, key)| {
        let hours = restaurant.opening_hours.day(day).intervals().iter().enumerate();
        hours.flat_map(move |(place, interval)| {
            let [from, until] = fields(key, place);
            [(from, clock(interval.opens())), (until, clock(interval.closes() % DAY_MINUTES))]
        })
    });
    let last_order = ("last_order_min".to_owned(), restaurant.last_order_min.to_string());
    intervals.chain([last_order]).collect()
}

/// The rows of a day that were filled in, and one for more.
fn day_fields(form: &Typed, (day, key): (Weekday, &'static str), locale: Locale) -> DayFields {
    let name = dates::weekday(day, locale);
    let has = |place: usize| fields(key, place).iter().any(|field| !form.value(field).is_empty());
    let filled = (0..=MOST_INTERVALS).filter(|place| has(*place)).max().map_or(0, |last| last + 1);
    let row = |place: usize| {
        let [from_field, until_field] = fields(key, place);
        let (from, until) = (form.value(&from_field).to_owned(), form.value(&until_field).to_owned());
        // Two clocks of the same form compare as their texts do.
        let ends_later = !from.is_empty() && !until.is_empty() && until <= from;
        let next_day = ends_later.then(|| next_day_text(locale));
        IntervalFields { label: words::row(name, place + 1, locale), from, from_field, until, until_field, next_day }
    };
    DayFields {
        key,
        name,
        is_closed: filled == 0,
        intervals: (0..MOST_INTERVALS.min(filled + 1)).map(row).collect(),
        fault: form.fault(&format!("opening_hours.{key}")).map(str::to_owned),
    }
}

fn page(restaurants: &Restaurants, reader: &Reader, own: &OwnRestaurant, form: &Typed) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let body = Body {
        locale,
        form,
        action: own.path("/saatler"),
        state: state_of(&own.full.restaurant, now, locale),
        days: DAYS.into_iter().map(|day| day_fields(form, day, locale)).collect(),
        ahead: week_ahead(&own.full.restaurant.schedule(), now, locale),
    };
    page_of(reader, own, (Tab::Hours, locale.say("Çalışma saatleri", "Opening hours")), &body)
}
