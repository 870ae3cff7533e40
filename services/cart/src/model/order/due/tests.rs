//! Orders for random times at random restaurants, against an oracle that goes minute by minute.

use contracts::opening_hours::testing::{Simulation, random_schedule};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// So many days are simulated: an opening is sought for 14, and what is open for 14 more never closes.
const AHEAD: u32 = 30;
/// Where days of changing clocks make 14 of them longer or shorter, the oracle does not say.
const CERTAIN: TimeDelta = TimeDelta::days(13);
/// Minutes at which it begins or ends that orders are taken, of which so many are asked about.
const MOST_EDGES: usize = 60;

#[test]
fn orders_at_a_sample_of_restaurants_are_as_simulated() {
    compare(100);
}

#[test]
#[ignore = "takes minutes without optimisation; the sample above stands for it"]
fn orders_at_ten_thousand_restaurants_are_as_simulated() {
    compare(10_000);
}

fn compare(cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let asked = (0..3 * 24 * 60_i64, 0..60_i64, 0..180_i64, select(&[5, 6, 10, 12, 15, 20, 30, 60][..]));
    let wanted = vec(-24 * 60..9 * 24 * 60_i64, 8);
    runner
        .run(&(random_schedule(), asked, wanted), |((schedule, base), (minute, second, preparation, slot), wanted)| {
            let now = base.and_utc() + TimeDelta::minutes(minute - 24 * 60) + TimeDelta::seconds(second);
            let oracle = Oracle::of(&schedule, now, (TimeDelta::minutes(preparation), slot));
            let wanted = wanted.into_iter().map(|minute| now + TimeDelta::minutes(minute));
            for wanted in wanted.chain(oracle.edges()).map(Some).chain([None]) {
                let due = due(&schedule, (now, wanted), TimeDelta::minutes(preparation), slot)
                    .map_err(|why| certain(now, why));
                prop_assert_eq!(due, oracle.due(wanted), "for {:?} at {} in {}", wanted, now, schedule.time_zone);
                if let Some((due, wanted)) = due.ok().zip(wanted) {
                    let day = |at: DateTime<Utc>| at.with_timezone(&schedule.time_zone).date_naive();
                    prop_assert_eq!((due.target_at, day(due.slot_at)), (wanted, day(wanted)), "it is moved");
                }
            }
            Ok(())
        })
        .unwrap();
}

/// The refusal without an instant that is too far ahead for the oracle.
fn certain(now: DateTime<Utc>, refusal: DueRefusal) -> DueRefusal {
    let certain = |at: Option<DateTime<Utc>>| at.filter(|at| *at <= now + CERTAIN);
    match refusal {
        DueRefusal::Closed(next) => DueRefusal::Closed(certain(next)),
        DueRefusal::Paused(next) => DueRefusal::Paused(certain(next)),
        DueRefusal::TooSoon(_) | DueRefusal::TooFar | DueRefusal::OutsideHours => refusal,
    }
}

/// What an order is to be for, by the open minutes of its restaurant.
struct Oracle {
    now: DateTime<Utc>,
    preparation: TimeDelta,
    slot: u16,
    minutes: Simulation,
    /// The same where it takes no break, if it does now.
    without_break: Option<Simulation>,
}

impl Oracle {
    fn of(schedule: &Schedule, now: DateTime<Utc>, (preparation, slot): (TimeDelta, u16)) -> Self {
        let minutes = Simulation::of(schedule, now, AHEAD);
        let is_in_break = schedule.paused_until.is_some_and(|until| now < until);
        let without_break =
            is_in_break.then(|| Simulation::of(&Schedule { paused_until: None, ..schedule.clone() }, now, AHEAD));
        Self { now, preparation, slot, minutes, without_break }
    }

    fn due(&self, wanted: Option<DateTime<Utc>>) -> Result<Due, DueRefusal> {
        let (now, earliest) = (self.now, self.now + self.preparation);
        let target_at = match wanted {
            None if self.accepts(now) => earliest,
            None if self.without_break.as_ref().is_some_and(|minutes| minutes.state(now).accepts_orders()) => {
                return Err(DueRefusal::Paused(self.next(now, now + CERTAIN)));
            }
            None => return Err(DueRefusal::Closed(self.next(now, now + CERTAIN))),
            Some(at) if at < earliest => {
                let full = self.every_minute(earliest + TimeDelta::minutes(1)).next().unwrap();
                return Err(DueRefusal::TooSoon(self.next(full, now + TimeDelta::days(7))));
            }
            Some(at) if at > now + TimeDelta::days(7) => return Err(DueRefusal::TooFar),
            Some(at) if !self.accepts(at) => return Err(DueRefusal::OutsideHours),
            Some(at) => at,
        };
        let begins_at = self.every_minute(now).find(|minute| self.minutes.state(*minute).is_open());
        let is_open = self.minutes.state(now).is_open();
        let begins_at = if is_open { now } else { begins_at.unwrap() };
        let begun = target_at.timestamp().div_euclid(60);
        let begun = (0..60).map(|back| DateTime::from_timestamp((begun - back) * 60, 0).unwrap());
        let mut slot_at = begun.filter(|minute| self.minutes.shown(*minute).minute().is_multiple_of(self.slot.into()));
        Ok(Due { is_asap: wanted.is_none(), target_at, slot_at: slot_at.next().unwrap(), begins_at })
    }

    fn accepts(&self, at: DateTime<Utc>) -> bool {
        self.minutes.state(at).accepts_orders()
    }

    /// When orders are taken, from then on.
    fn next(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let later = self.every_minute(from).take_while(|minute| *minute <= until);
        std::iter::once(from).chain(later).find(|at| self.accepts(*at)).filter(|at| *at <= until)
    }

    /// The full minutes from then on, as far as they are simulated.
    fn every_minute(&self, from: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let first = (from + TimeDelta::minutes(1) - TimeDelta::nanoseconds(1)).timestamp().div_euclid(60);
        (first..first + 15 * 24 * 60).map(|minute| DateTime::from_timestamp(minute * 60, 0).unwrap())
    }

    /// The instants at which the answer changes, and those right before them.
    fn edges(&self) -> Vec<DateTime<Utc>> {
        let minutes = self.every_minute(self.now).take(8 * 24 * 60);
        let changes = minutes.filter(|minute| self.accepts(*minute) != self.accepts(*minute - TimeDelta::minutes(1)));
        let ends = [self.now + self.preparation, self.now + TimeDelta::days(7) + TimeDelta::microseconds(1)];
        let edges = changes.take(MOST_EDGES).chain(ends);
        edges.flat_map(|edge| [edge - TimeDelta::microseconds(1), edge]).collect()
    }
}
