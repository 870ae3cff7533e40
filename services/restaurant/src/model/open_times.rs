//! Whether restaurants are open, for many at once: the minutes of a week decide for all but those for whom something special is
//! ahead.

use std::sync::Arc;

use chrono::{Datelike, Days, NaiveTime, Timelike, Weekday};
use clock::Timestamp;
use contracts::opening_hours::{Schedule, Tz};

const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;
/// The clocks of nearly all restaurants.
const ZONE: Tz = Tz::Europe__Istanbul;

/// When a restaurant is open.
#[derive(Debug, Clone)]
pub(crate) struct OpenTimes {
    /// From an opening to its close, in minutes from the beginning of Monday; a close may be behind the week's end.
    week: Arc<[(u16, u16)]>,
    exact: Option<Exact>,
}

/// What the minutes of a week don't say.
#[derive(Debug, Clone)]
struct Exact {
    /// From when on they say everything; never where the clocks are others.
    until: Option<Timestamp>,
    schedule: Arc<Schedule>,
}

/// An instant at which many are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenAt {
    now: Timestamp,
    /// The minute of the week by [`ZONE`], whose clocks nobody has changed since 2016.
    minute: u16,
}

impl OpenAt {
    pub(crate) fn new(now: Timestamp) -> Self {
        let local = now.with_timezone(&ZONE);
        let minute = local.weekday().num_days_from_monday() * u32::from(DAY) + local.num_seconds_from_midnight() / 60;
        // A leap second is in the last minute of its day.
        Self { now, minute: u16::try_from(minute).unwrap_or(WEEK) }
    }
}

impl OpenTimes {
    pub(crate) fn of(schedule: &Schedule) -> Self {
        let mut week = Vec::new();
        for (day, number) in std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).zip(0..7) {
            let spans = schedule.week.day(day).intervals().iter();
            week.extend(spans.map(|span| (number * DAY + span.opens(), number * DAY + span.closes())));
        }
        let is_here = schedule.time_zone == ZONE;
        // A night that opened on a special day runs on for a day, and UTC is up to a day apart.
        let day = schedule.special_days.keys().last().and_then(|day| day.checked_add_days(Days::new(3)));
        let day = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let closures = schedule.closures.iter().map(|closure| closure.until);
        let until = closures.chain(day).chain(schedule.paused_until).max();
        let is_special = !is_here || until.is_some();
        let exact =
            is_special.then(|| Exact { until: until.filter(|_| is_here), schedule: Arc::new(schedule.clone()) });
        Self { week: week.into(), exact }
    }

    pub(crate) fn is_open(&self, at: OpenAt) -> bool {
        match &self.exact {
            Some(exact) if exact.until.is_none_or(|until| at.now < until) => exact.schedule.state(at.now).is_open(),
            Some(_) | None => self.is_open_in_week(at.minute),
        }
    }

    fn is_open_in_week(&self, minute: u16) -> bool {
        self.week.iter().any(|(opens, closes)| (*opens..*closes).contains(&minute) || minute + WEEK < *closes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;
    use contracts::OpeningHours;
    use contracts::opening_hours::Closure;
    use proptest::prelude::*;

    use super::*;

    const MONDAY: &str = "2026-11-23T00:00:00+03:00";

    fn schedule(week: &[String]) -> Schedule {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days = names.into_iter().zip(week).map(|(name, hours)| (name, [hours.as_str()]));
        Schedule {
            time_zone: ZONE,
            week: OpeningHours::from_days(days).unwrap(),
            special_days: BTreeMap::new(),
            closures: Vec::new(),
            paused_until: None,
            last_order_minutes: 30,
        }
    }

    fn hours() -> impl Strategy<Value = String> {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        prop_oneof![
            Just("closed".to_owned()),
            Just("00:00-24:00".to_owned()),
            (0..DAY, 0..DAY).prop_map(move |(opens, closes)| format!("{}-{}", time(opens), time(closes))),
        ]
    }

    proptest! {
        #[test]
        fn many_are_open_when_one_would_be(
            week in prop::collection::vec(hours(), 7),
            special in prop::option::of((0u64..7, hours())),
            closure in prop::option::of((0i64..10_000, 1i64..3_000)),
            pause in prop::option::of(0i64..10_000),
            berlin in any::<bool>(),
            minutes in prop::collection::vec(-1_000i64..20_000, 40),
        ) {
            let monday: Timestamp = MONDAY.parse().unwrap();
            let after = |minutes: i64| monday + TimeDelta::minutes(minutes);
            let mut schedule = schedule(&week);
            if berlin {
                schedule.time_zone = Tz::Europe__Berlin;
            }
            if let Some((day, hours)) = special {
                schedule.special_days.insert(monday.date_naive() + Days::new(day), hours.parse().unwrap());
            }
            schedule.closures.extend(closure.map(|(from, length)| Closure { from: after(from), until: after(from + length) }));
            schedule.paused_until = pause.map(after);

            let many = OpenTimes::of(&schedule);

            for minute in minutes {
                let now = after(minute) + TimeDelta::seconds(59);
                prop_assert_eq!(many.is_open(OpenAt::new(now)), schedule.state(now).is_open(), "{}", now);
            }
        }
    }
}
