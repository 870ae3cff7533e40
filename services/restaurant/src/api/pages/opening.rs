//! When a restaurant is open, as its readers see it.

use chrono::{Datelike, NaiveDate, NaiveTime, Weekday};
use clock::Timestamp;
use contracts::opening_hours::{DayHours, HoursState, Tz};
use contracts::{Locale, ShortText};
use web::dates;

use crate::store::restaurant::Restaurant;

use super::words;

/// What is ahead beyond these needs no reader yet.
const MOST_EXCEPTIONS: usize = 8;

/// Whether a restaurant takes orders at an instant, and what follows.
pub(super) struct Opening {
    pub(super) takes_orders: bool,
    /// Until when, or when again.
    pub(super) text: String,
}

impl Opening {
    pub(super) fn at(now: Timestamp, restaurant: &Restaurant, locale: Locale) -> Self {
        let state = restaurant.schedule().state(now);
        let text = match state {
            HoursState::Open { accepts_orders: false, .. } => words::last_order_is_over(locale).to_owned(),
            HoursState::Open { closes_at, .. } => words::open(closes_at.map(dates::clock).as_deref(), locale),
            HoursState::Closed { opens_at } => {
                let opens = opens_at.map(|at| coming_text(at, now, locale));
                words::closed(opens.as_deref(), locale)
            }
        };
        Self { takes_orders: state.accepts_orders(), text }
    }
}

/// `at` as briefly as `now` allows: the clock alone today, the day of the week before it comes again, and the date.
fn coming_text(at: Timestamp, now: Timestamp, locale: Locale) -> String {
    let [day, today] = [at, now].map(|at| at.with_timezone(&Tz::Europe__Istanbul).date_naive());
    match (day - today).num_days() {
        0 => dates::clock(at),
        1..=6 => format!("{} {}", dates::weekday(day.weekday(), locale), dates::clock(at)),
        _ => dates::date_time(at, locale),
    }
}

/// The hours of each day of the week.
pub(super) fn week(restaurant: &Restaurant, locale: Locale) -> Vec<(&'static str, String)> {
    let days = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
    days.map(|day| (dates::weekday(day, locale), hours(restaurant.opening_hours.day(day), locale))).collect()
}

/// What is ahead and different from the week: a text for each.
pub(super) fn exceptions(now: Timestamp, restaurant: &Restaurant, locale: Locale) -> Vec<String> {
    let today = now.with_timezone(&restaurant.time_zone.0).date_naive();
    let days = restaurant.special_days.0.iter().filter(|day| day.date >= today).map(|day| {
        let note = day.note.as_ref().map(ShortText::as_str);
        words::with_note(&format!("{}: {}", noon(day.date, locale), hours(&day.intervals, locale)), note)
    });
    let closures = restaurant.closures.0.iter().filter(|closure| closure.until > now).map(|closure| {
        let [from, until] = [closure.from, closure.until].map(|at| dates::date_time(at, locale));
        words::with_note(&words::closure(&from, &until, locale), closure.reason.as_ref().map(ShortText::as_str))
    });
    days.chain(closures).take(MOST_EXCEPTIONS).collect()
}

/// The day as a date of the town, which has it at noon in any case.
fn noon(day: NaiveDate, locale: Locale) -> String {
    let noon = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or(NaiveTime::MIN);
    dates::date(day.and_time(noon).and_utc(), locale)
}

/// `11:00–14:00, 18:00–02:00 (ertesi gün)`.
pub(super) fn hours(day: &DayHours, locale: Locale) -> String {
    const DAY: u16 = 24 * 60;
    if day.is_closed() {
        return locale.say("Kapalı", "Closed").to_owned();
    }
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let intervals = day.intervals().iter().map(|span| match (span.opens(), span.closes()) {
        (0, DAY) => locale.say("24 saat", "24 hours").to_owned(),
        (opens, closes) if closes > DAY => {
            format!("{}–{} {}", clock(opens), clock(closes - DAY), locale.say("(ertesi gün)", "(the day after)"))
        }
        (opens, closes) => format!("{}–{}", clock(opens), clock(closes)),
    });
    intervals.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_said_as_briefly_as_can_be() {
        let now = "2026-03-02T21:30:00Z".parse().unwrap();
        let said = |at: &str| coming_text(at.parse().unwrap(), now, Locale::En);

        // It is Tuesday there, half an hour after midnight.
        assert_eq!(said("2026-03-03T08:00:00Z"), "11:00");
        assert_eq!(
            (said("2026-03-03T21:00:00Z"), said("2026-03-09T20:59:00Z")),
            ("Wednesday 00:00".into(), "Monday 23:59".into())
        );
        assert_eq!(said("2026-03-10T08:00:00Z"), "Tuesday 10 March 2026, 11:00");
    }

    #[test]
    fn the_hours_of_a_day_say_what_belongs_to_the_next() {
        let shown = |text: &str, locale| hours(&text.parse().unwrap(), locale);

        assert_eq!(shown("11:00-14:00, 18:00-02:00", Locale::Tr), "11:00–14:00, 18:00–02:00 (ertesi gün)");
        assert_eq!(shown("18:00-24:00", Locale::En), "18:00–24:00");
        assert_eq!(
            (shown("00:00-24:00", Locale::En), shown("closed", Locale::En)),
            ("24 hours".into(), "Closed".into())
        );
        assert_eq!(noon("2026-12-31".parse().unwrap(), Locale::En), "Thursday 31 December 2026");
    }
}
