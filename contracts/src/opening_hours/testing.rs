//! Random schedules, and a simulation of them that knows no spans: it marks each open minute of some days, and reads what the
//! clocks show from a table. For tests of whatever follows from a schedule.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Closure, HoursState, OpeningHours, Schedule};

pub(super) const EVERY_DAY: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

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

/// A schedule, and the day around which it is asked: with nights, whole days, special days, closures, pauses and last orders.
pub fn random_schedule() -> impl Strategy<Value = (Schedule, NaiveDateTime)> {
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
            let schedule = Schedule {
                time_zone,
                week: OpeningHours::from_days(
                    EVERY_DAY.into_iter().zip(&days).map(|(day, hours)| (day, [hours.as_str()])),
                )
                .unwrap(),
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

/// The minutes of a schedule: what the clocks show in each, and whether it is open.
#[derive(Debug)]
pub struct Simulation {
    first: DateTime<Utc>,
    shown: Vec<NaiveDateTime>,
    open: Vec<bool>,
    /// The next minute that is not as this one.
    changes: Vec<usize>,
    last_order: TimeDelta,
}

/// So many minutes are simulated before the first one that is asked about, and behind the last day.
const BEFORE: i64 = 4 * 1440;
const BEHIND: i64 = 6 * 1440;

impl Simulation {
    /// Simulates `schedule` from `now` on, with the hours that begin up to `ahead` days later.
    #[must_use]
    pub fn of(schedule: &Schedule, now: DateTime<Utc>, ahead: u32) -> Self {
        let first_minute = now.timestamp().div_euclid(60) - BEFORE;
        let length = BEFORE + i64::from(ahead) * 1440 + BEHIND;
        let shown = shown(first_minute, length, schedule.time_zone);
        let mut simulation = Self {
            first: DateTime::from_timestamp(first_minute * 60, 0).unwrap(),
            open: vec![false; shown.len()],
            changes: vec![shown.len(); shown.len()],
            shown,
            last_order: TimeDelta::minutes(schedule.last_order_minutes.into()),
        };
        simulation.open_hours(schedule, now, ahead);
        simulation.close(schedule);
        for minute in (1..simulation.open.len()).rev() {
            let is_same = simulation.open[minute - 1] == simulation.open[minute];
            simulation.changes[minute - 1] = if is_same { simulation.changes[minute] } else { minute };
        }
        simulation
    }

    fn open_hours(&mut self, schedule: &Schedule, now: DateTime<Utc>, ahead: u32) {
        let today = self.shown[self.minute(now)].date();
        for date in (today - Days::new(1)).iter_days().take(ahead as usize + 2) {
            let hours = schedule.special_days.get(&date).unwrap_or_else(|| schedule.week.day(date.weekday()));
            for interval in hours.intervals() {
                let from = self.when(date, interval.opens(), false);
                let until = self.when(date, interval.closes(), true);
                (from..until).for_each(|minute| self.open[minute] = true);
            }
        }
    }

    fn close(&mut self, schedule: &Schedule) {
        for (minute, open) in (0..).zip(&mut self.open) {
            let instant = self.first + TimeDelta::minutes(minute);
            let closed = schedule.closures.iter().any(|closure| (closure.from..closure.until).contains(&instant));
            if closed || schedule.paused_until.is_some_and(|until| instant < until) {
                *open = false;
            }
        }
    }

    /// What holds at that instant.
    #[must_use]
    pub fn state(&self, at: DateTime<Utc>) -> HoursState {
        let this = self.minute(at);
        let changes = Some(self.changes[this]).filter(|minute| *minute < self.open.len());
        let changes = changes.map(|minute| self.first + TimeDelta::minutes(minute as i64));
        if !self.open[this] {
            return HoursState::Closed { opens_at: changes };
        }
        let closes_at = changes.filter(|close| *close < at + Days::new(14));
        let last_order_at = closes_at.map(|close| close - self.last_order);
        HoursState::Open { closes_at, last_order_at, accepts_orders: last_order_at.is_none_or(|last| at < last) }
    }

    /// What the clocks show in the minute of that instant.
    #[must_use]
    pub fn shown(&self, at: DateTime<Utc>) -> NaiveDateTime {
        self.shown[self.minute(at)]
    }

    fn minute(&self, at: DateTime<Utc>) -> usize {
        usize::try_from((at.timestamp() - self.first.timestamp()).div_euclid(60)).unwrap()
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
}

fn shown(first_minute: i64, length: i64, zone: Tz) -> Vec<NaiveDateTime> {
    let mut offset = TimeDelta::zero();
    let shown = (first_minute..first_minute + length).map(|minute| {
        let instant = DateTime::from_timestamp(minute * 60, 0).unwrap().naive_utc();
        // Clocks change on quarters of an hour.
        if minute == first_minute || minute % 15 == 0 {
            let seconds = zone.offset_from_utc_datetime(&instant).fix().local_minus_utc();
            offset = TimeDelta::seconds(seconds.into());
        }
        instant + offset
    });
    shown.collect()
}
