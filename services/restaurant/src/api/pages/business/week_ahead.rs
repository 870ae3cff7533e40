//! When a restaurant opens in the next seven days, with all that its hours say.

use chrono::{Days, NaiveDate};
use clock::Timestamp;
use contracts::Locale;
use contracts::opening_hours::{HoursState, Schedule, Tz};
use web::dates;

const ZONE: Tz = Tz::Europe__Istanbul;
/// How far ahead is shown.
const DAYS_AHEAD: u64 = 7;
/// More changes than a week has, whatever is written.
const MOST_CHANGES: usize = 200;

/// One day: its date, and when it is open.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayAhead {
    pub(super) date: String,
    pub(super) spans: Vec<String>,
}

/// The days from `now` on. What opens on one day stands there, however late it closes; so do the days after the next on which it is open still.
pub(super) fn week_ahead(schedule: &Schedule, now: Timestamp, locale: Locale) -> Vec<DayAhead> {
    let end = now + Days::new(DAYS_AHEAD);
    let spans = spans(schedule, now, end);
    let days = (0..DAYS_AHEAD).map(|ahead| now + Days::new(ahead));
    let day = |at: Timestamp| {
        let today = date_of(at);
        let begun = spans.iter().find_map(|(from, until)| begun_text(date_of(*from), *until, today, locale));
        let of_day = spans.iter().filter(|(from, _)| date_of(*from) == today);
        let opened = of_day.map(|(from, until)| span_text(*from, *until, locale));
        DayAhead { date: dates::date(at, locale), spans: begun.into_iter().chain(opened).collect() }
    };
    days.map(day).collect()
}

/// From opening to close; `None` where it does not close for weeks.
fn spans(schedule: &Schedule, now: Timestamp, end: Timestamp) -> Vec<(Timestamp, Option<Timestamp>)> {
    let (mut at, mut spans) = (now, Vec::new());
    for _ in 0..MOST_CHANGES {
        at = match schedule.state(at) {
            HoursState::Open { closes_at, .. } => {
                spans.push((at, closes_at));
                match closes_at {
                    Some(closes_at) => closes_at,
                    None => break,
                }
            }
            HoursState::Closed { opens_at: Some(opens_at) } => opens_at,
            HoursState::Closed { opens_at: None } => break,
        };
        if at >= end {
            break;
        }
    }
    spans
}

/// What `day` has of what was `opened` before it. The night after that day stands where it has begun.
fn begun_text(opened: NaiveDate, until: Option<Timestamp>, day: NaiveDate, locale: Locale) -> Option<String> {
    let is_next_day = opened.succ_opt() == Some(day);
    match until.map(|until| (date_of(until), dates::clock(until))) {
        _ if opened >= day => None,
        Some((closed, _)) if closed < day => None,
        Some((closed, clock)) if closed == day => (!is_next_day && clock != "00:00").then(|| format!("00:00–{clock}")),
        Some(_) | None => Some(locale.say("24 saat", "24 hours").to_owned()),
    }
}

fn span_text(from: Timestamp, until: Option<Timestamp>, locale: Locale) -> String {
    let Some(until) = until else {
        return format!("{} · {}", dates::clock(from), locale.say("kapanmıyor", "does not close"));
    };
    let next_day = date_of(from).succ_opt();
    let span = format!("{}–{}", dates::clock(from), dates::clock(until));
    match date_of(until) {
        day if day == date_of(from) => span,
        day if Some(day) == next_day => format!("{span} {}", next_day_text(locale)),
        _ => format!("{}–{}", dates::clock(from), dates::date_time(until, locale)),
    }
}

/// What stands behind a close past midnight.
pub(super) fn next_day_text(locale: Locale) -> &'static str {
    locale.say("(ertesi gün)", "(next day)")
}

fn date_of(at: Timestamp) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use contracts::OpeningHours;
    use contracts::opening_hours::Closure;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn schedule(days: &[(&str, &str)]) -> Schedule {
        Schedule {
            time_zone: ZONE,
            week: OpeningHours::from_days(days.iter().map(|(day, hours)| (*day, [*hours]))).unwrap(),
            special_days: BTreeMap::new(),
            closures: Vec::new(),
            paused_until: None,
            last_order_minutes: 0,
        }
    }

    fn shown(schedule: &Schedule, now: &str) -> Vec<Vec<String>> {
        week_ahead(schedule, at(now), Locale::Tr).into_iter().map(|day| day.spans).collect()
    }

    #[test]
    fn a_night_stands_on_the_day_on_which_it_opens() {
        // Monday, 15:00 there.
        let days =
            shown(&schedule(&[("mon", "11:00-14:00, 18:00-02:00"), ("wed", "11:00-23:00")]), "2026-03-02T12:00:00Z");

        assert_eq!(days[0], ["18:00–02:00 (ertesi gün)"]);
        assert_eq!((&days[1], &days[2]), (&Vec::<String>::new(), &vec!["11:00–23:00".to_owned()]));
        assert_eq!(days.len(), 7);
    }

    #[test]
    fn a_day_within_several_that_are_open_says_that_it_is_open() {
        let hours = [("mon", "11:00-24:00"), ("tue", "00:00-24:00"), ("wed", "00:00-15:00"), ("fri", "09:00-24:00")];

        let days = shown(&schedule(&hours), "2026-03-02T06:00:00Z");

        assert_eq!((&days[1], &days[2]), (&vec!["24 saat".to_owned()], &vec!["00:00–15:00".to_owned()]));
        assert_eq!((days[0].len(), days[3].len(), days[4].len(), days[5].len()), (1, 0, 1, 0), "{days:?}");
    }

    #[test]
    fn closures_and_pauses_cut_into_the_week() {
        let mut schedule = schedule(&[("mon", "11:00-23:00"), ("tue", "11:00-23:00")]);
        schedule.paused_until = Some(at("2026-03-02T12:30:00Z"));
        schedule.closures.push(Closure { from: at("2026-03-03T00:00:00Z"), until: at("2026-03-04T00:00:00Z") });

        let days = shown(&schedule, "2026-03-02T12:00:00Z");

        assert_eq!(days[0], ["15:30–23:00"]);
        assert!(days[1].is_empty());
    }

    #[test]
    fn who_never_closes_is_open_each_day_and_who_never_opens_says_nothing() {
        let always: Vec<(&str, &str)> =
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day, "00:00-24:00")).into();

        let days = shown(&schedule(&always), "2026-03-02T12:00:00Z");

        assert_eq!(days[0], ["15:00 · kapanmıyor"]);
        assert!(days[1..].iter().all(|day| day == &["24 saat"]), "{days:?}");
        assert!(shown(&schedule(&[]), "2026-03-02T12:00:00Z").iter().all(Vec::is_empty));
    }
}
