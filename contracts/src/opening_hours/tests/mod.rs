//! Schedules against named cases, and against a simulation that goes minute by minute.

mod cases;
mod simulation;
mod wire;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Utc};

use super::testing::EVERY_DAY;
use super::{Closure, HoursState, OpeningHours, Schedule, Tz};

/// A schedule in Istanbul with nothing but its week.
fn week(days: &[(&str, &str)]) -> Schedule {
    Schedule {
        time_zone: Tz::Europe__Istanbul,
        week: OpeningHours::from_days(days.iter().map(|(day, hours)| (*day, [*hours]))).unwrap(),
        special_days: Default::default(),
        closures: Vec::new(),
        paused_until: None,
        last_order_minutes: 0,
    }
}

fn daily(hours: &str) -> Schedule {
    week(&EVERY_DAY.map(|day| (day, hours)))
}

impl Schedule {
    fn in_zone(mut self, zone: Tz) -> Self {
        self.time_zone = zone;
        self
    }

    fn special(mut self, date: &str, hours: &str) -> Self {
        self.special_days.insert(date.parse().unwrap(), hours.parse().unwrap());
        self
    }

    fn closed(mut self, from: &str, until: &str) -> Self {
        let closure = Closure { from: self.at(from), until: self.at(until) };
        self.closures.push(closure);
        self
    }

    fn paused(mut self, until: &str) -> Self {
        self.paused_until = Some(self.at(until));
        self
    }

    fn last_order(mut self, minutes: u16) -> Self {
        self.last_order_minutes = minutes;
        self
    }

    /// The instant when the clocks there show this, the first of two unless an offset is told.
    fn at(&self, local: &str) -> DateTime<Utc> {
        if let Ok(exact) = DateTime::parse_from_rfc3339(local) {
            return exact.to_utc();
        }
        let naive = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M:%S")
            .unwrap_or_else(|_| NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap());
        match self.time_zone.from_local_datetime(&naive) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
            LocalResult::None => panic!("clocks never show {local}"),
        }
    }

    /// `open until`, `last order passed, until` or `closed until`, in the words of the clocks there.
    fn says(&self, local: &str) -> String {
        let shown = |at: Option<DateTime<Utc>>| {
            at.map_or("–".to_owned(), |at| at.with_timezone(&self.time_zone).format("%d.%m. %H:%M").to_string())
        };
        match self.state(self.at(local)) {
            HoursState::Open { closes_at, accepts_orders: true, .. } => format!("O {}", shown(closes_at)),
            HoursState::Open { closes_at, accepts_orders: false, .. } => format!("L {}", shown(closes_at)),
            HoursState::Closed { opens_at } => format!("C {}", shown(opens_at)),
        }
    }
}
