//! The rules against every order of faults, crashes and repeated deliveries, in a world of memory.

mod relaying;
mod world;

use std::time::Duration;

use proptest::prelude::*;

use crate::model::{Cause, RetryPolicy};
use world::World;

const POLICY: RetryPolicy = RetryPolicy { tries: 3, ..RetryPolicy::STANDARD };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_event_is_lost_doubled_or_overtaken_whatever_happens(
        events in prop::collection::vec(event(), 1..16),
        turns in prop::collection::vec(turn(), 0..80),
    ) {
        let mut world = World::new(events);

        for turn in turns {
            world.take(turn);
        }
        world.come_to_rest();

        world.keeps_all_promises();
    }

    #[test]
    fn without_a_crash_each_attempt_counts_exactly_once(events in prop::collection::vec(event(), 1..16)) {
        let mut world = World::new(events.clone());

        world.come_to_rest();

        world.keeps_all_promises();
        for (&event, cause) in &world.dead {
            let expected = match cause {
                Cause::Exhausted => POLICY.tries,
                Cause::Refused(_) => failures_before_refusal(&events[event]) + 1,
            };
            prop_assert_eq!(world.heard[event], expected);
        }
    }
}

/// What an event meets, attempt by attempt; afterwards everything succeeds.
#[derive(Debug, Clone)]
struct Event {
    key: u8,
    hear: Vec<Met>,
    after_commit: Vec<Met>,
}

/// What one try meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Failed,
    Refused,
    /// Nothing can be written.
    DatabaseAway,
    /// The database is there and refuses what this event asks for, because of a lock or of the time that it takes.
    StatementRefused,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    what: Move,
    /// The process dies after this many moments of the turn.
    dies_after: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Move {
    Arrive,
    Retry,
    Acknowledge,
    /// The source starts again this many events earlier, as after a rebalance.
    Redeliver(usize),
    Pass(Duration),
}

fn event() -> impl Strategy<Value = Event> {
    let fault = prop_oneof![
        8 => Just(Met::Failed),
        1 => Just(Met::Refused),
        2 => Just(Met::DatabaseAway),
        3 => Just(Met::StatementRefused),
    ];
    let up_to = |most| prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(fault.clone(), 1..=most)];
    (0..4_u8, up_to(4), up_to(10)).prop_map(|(key, hear, after_commit)| Event { key, hear, after_commit })
}

fn turn() -> impl Strategy<Value = Turn> {
    let what = prop_oneof![
        8 => Just(Move::Arrive),
        6 => Just(Move::Retry),
        2 => Just(Move::Acknowledge),
        1 => (1..5_usize).prop_map(Move::Redeliver),
        4 => (1..4_000_u64).prop_map(|seconds| Move::Pass(Duration::from_secs(seconds))),
    ];
    (what, prop::option::weighted(0.2, 0..6_u8)).prop_map(|(what, dies_after)| Turn { what, dies_after })
}

fn failures_before_refusal(event: &Event) -> u32 {
    let (mut failures, mut refusals) = (0, 0);
    for met in event.hear.iter().take_while(|met| **met != Met::Refused) {
        refusals += u32::from(matches!(met, Met::DatabaseAway | Met::StatementRefused));
        let is_parked = match met {
            Met::StatementRefused => refusals > 1,
            Met::DatabaseAway => false,
            Met::Failed | Met::Refused => true,
        };
        if is_parked {
            (failures, refusals) = (failures + 1, 0);
        }
    }
    failures
}
