//! Random schedules against a simulation that knows no spans: it marks each open minute of 20 days, and reads what the clocks
//! show from a table.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// Half of the schedules are in Istanbul; the others where clocks change by other rules, also by half an hour.
const ZONES: [Tz; 9] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::America__New_York,
    Tz::America__St_Johns,
    Tz::America__Santiago,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Chatham,
    Tz::Asia__Beirut,
    Tz::Asia__Kathmandu,
];

/// Days on which, or after which, the clocks of one of them change, and one of Istanbul.
const CHANGES: [&str; 10] = [
    "2015-11-08",
    "2016-03-27",
    "2026-03-08",
    "2026-03-29",
    "2026-04-05",
    "2026-09-06",
    "2026-09-27",
    "2026-10-04",
    "2026-10-25",
    "2026-11-01",
];

#[test]
fn a_sample_of_schedules_is_as_simulated() {
    compare(150);
}

#[test]
#[ignore = "takes minutes without optimisation; the sample above stands for it"]
fn ten_thousand_schedules_are_as_simulated() {
    compare(10_000);
}

fn compare(cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner
        .run(&(schedule(), 0..3 * 1440_i64, 0..60_i64), |((schedule, base), minute, second)| {
            let now = base.and_utc() + TimeDelta::minutes(minute - 1440) + TimeDelta::seconds(second);
            prop_assert_eq!(schedule.state(now), simulated(&schedule, now), "at {} in {}", now, schedule.time_zone);
            Ok(())
        })
        .unwrap();
}

/// A schedule, and the day around which it is asked.
fn schedule() -> impl Strategy<Value = (Schedule, NaiveDateTime)> {
    let zone = prop_oneof![Just(Tz::Europe__Istanbul), proptest::sample::select(&ZONES[..])];
    let base = prop_oneof![
        proptest::sample::select(&CHANGES[..]).prop_map(|day| day.parse::<NaiveDate>().unwrap()),
        any_date()
    ];
    let special = vec((0..17_u64, hours()), 0..4);
    let closures = vec((-3000..20_000_i64, 1..3000_i64), 0..3);
    let pause = proptest::option::weighted(0.2, -500..3000_i64);
    (zone, base, proptest::array::uniform7(hours()), special, closures, pause, 0..90_u16).prop_map(
        |(time_zone, date, days, special, closures, pause, last_order_minutes)| {
            let base = date.and_time(NaiveTime::MIN);
            let instant = |minute| base.and_utc() + TimeDelta::minutes(minute);
            let named: Vec<_> = EVERY_DAY.into_iter().zip(days.iter().map(String::as_str)).collect();
            let schedule = Schedule {
                time_zone,
                special_days: special
                    .iter()
                    .map(|(offset, hours)| (date - Days::new(2) + Days::new(*offset), hours.parse().unwrap()))
                    .collect(),
                closures: closures
                    .iter()
                    .map(|(from, length)| Closure { from: instant(*from), until: instant(from + length) })
                    .collect(),
                paused_until: pause.map(instant),
                last_order_minutes,
                ..week(&named)
            };
            (schedule, base)
        },
    )
}

fn any_date() -> impl Strategy<Value = NaiveDate> {
    (0..4000_u64).prop_map(|days| NaiveDate::from_ymd_opt(2016, 1, 1).unwrap() + Days::new(days))
}

/// The text of a day: no, one or several intervals, or a whole day.
fn hours() -> impl Strategy<Value = String> {
    let intervals = vec((0..500_u16, 1..1441_u16), 0..4).prop_map(|lengths| {
        let mut texts = Vec::new();
        let mut from = 0;
        for (gap, length) in lengths {
            from += gap;
            if from >= 1440 {
                break;
            }
            let until = from + length;
            texts.push(format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60 % 24, until % 60));
            from = until;
        }
        texts.join(", ")
    });
    prop_oneof![8 => intervals, 1 => Just("00:00-24:00".to_owned())]
}

/// The minutes of the simulation, and what the clocks show in each.
struct Minutes {
    first: DateTime<Utc>,
    shown: Vec<NaiveDateTime>,
    open: Vec<bool>,
}

const BEFORE: i64 = 4 * 1440;
const LENGTH: i64 = 24 * 1440;

fn simulated(schedule: &Schedule, now: DateTime<Utc>) -> HoursState {
    let this_minute = now.timestamp().div_euclid(60);
    let mut minutes = Minutes::around(this_minute - BEFORE, schedule.time_zone);
    let today = minutes.shown[BEFORE as usize].date();
    for date in (today - Days::new(1)).iter_days().take(16) {
        let hours = schedule.special_days.get(&date).unwrap_or_else(|| schedule.week.day(date.weekday()));
        for interval in hours.intervals() {
            let from = minutes.when(date, interval.opens(), false);
            let until = minutes.when(date, interval.closes(), true);
            (from..until).for_each(|minute| minutes.open[minute] = true);
        }
    }
    for minute in 0..LENGTH {
        let instant = minutes.first + TimeDelta::minutes(minute);
        let closed = schedule.closures.iter().any(|closure| (closure.from..closure.until).contains(&instant));
        if closed || schedule.paused_until.is_some_and(|until| instant < until) {
            minutes.open[minute as usize] = false;
        }
    }
    minutes.state(schedule, now)
}

impl Minutes {
    fn around(first_minute: i64, zone: Tz) -> Self {
        let first = DateTime::from_timestamp(first_minute * 60, 0).unwrap();
        let mut offset = TimeDelta::zero();
        let shown = (0..LENGTH).map(|minute| {
            let instant = first + TimeDelta::minutes(minute);
            // Clocks change on quarters of an hour.
            if minute == 0 || (first_minute + minute) % 15 == 0 {
                let seconds = zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
                offset = TimeDelta::seconds(seconds.into());
            }
            instant.naive_utc() + offset
        });
        Self { first, shown: shown.collect(), open: vec![false; LENGTH as usize] }
    }

    /// The first or the last minute in which the clocks show this; where none does, as if they had not been put forward.
    fn when(&self, date: NaiveDate, minute: u16, last: bool) -> usize {
        let wanted = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute.into());
        let near = usize::try_from((wanted - self.first.naive_utc()).num_minutes() - 16 * 60).unwrap();
        let far = (near + 32 * 60).min(self.shown.len());
        let mut showing = (near..far).filter(|at| self.shown[*at] == wanted);
        if let Some(first) = showing.next() {
            return if last { showing.next_back().unwrap_or(first) } else { first };
        }
        let before = (near..far).take_while(|at| self.shown[*at] < wanted).last().unwrap();
        before + usize::try_from((wanted - self.shown[before]).num_minutes()).unwrap()
    }

    fn state(&self, schedule: &Schedule, now: DateTime<Utc>) -> HoursState {
        let this = BEFORE as usize;
        let changes = (this..self.open.len()).find(|minute| self.open[*minute] != self.open[this]);
        let changes = changes.map(|minute| self.first + TimeDelta::minutes(minute as i64));
        if !self.open[this] {
            return HoursState::Closed { opens_at: changes };
        }
        let closes_at = changes.filter(|close| *close < now + Days::new(14));
        let last_order_at = closes_at.map(|close| close - TimeDelta::minutes(schedule.last_order_minutes.into()));
        HoursState::Open { closes_at, last_order_at, accepts_orders: last_order_at.is_none_or(|last| now < last) }
    }
}
