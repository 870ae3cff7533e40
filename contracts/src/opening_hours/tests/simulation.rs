//! Random schedules against a simulation that goes minute by minute.

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::testing::{Simulation, random_schedule};

/// How far ahead an opening is sought, in days.
const HORIZON: u32 = 14;

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
        .run(&(random_schedule(), 0..3 * 1440_i64, 0..60_i64), |((schedule, base), minute, second)| {
            let now = base.and_utc() + TimeDelta::minutes(minute - 1440) + TimeDelta::seconds(second);
            let simulated = Simulation::of(&schedule, now, HORIZON).state(now);
            prop_assert_eq!(schedule.state(now), simulated, "at {} in {}", now, schedule.time_zone);
            Ok(())
        })
        .unwrap();
}
