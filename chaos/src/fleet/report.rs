//! The outcome of a run, as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::plan::Fault;
use super::verdict::Totals;
use crate::ledger::Promises;

/// The outcome of a run.
pub(crate) struct Report {
    seed: u64,
    faults: BTreeMap<Fault, Recoveries>,
    promises: Promises,
    totals: Totals,
}

/// How long flow took to come back, each time.
#[derive(Default)]
pub(crate) struct Recoveries(Vec<Duration>);

impl Recoveries {
    pub(crate) fn note(&mut self, recovery: Duration) {
        self.0.push(recovery);
    }

    fn slowest(&self) -> f64 {
        self.0.iter().max().map_or(0.0, Duration::as_secs_f64)
    }

    fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map_or(0.0, Duration::as_secs_f64)
    }
}

impl Report {
    pub(crate) fn new(seed: u64, faults: BTreeMap<Fault, Recoveries>, promises: Promises, totals: Totals) -> Self {
        Self { seed, faults, promises, totals }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.promises.broken.is_empty()
    }

    fn figures(&self) -> Vec<(&'static str, i64)> {
        let Self { promises, totals, .. } = self;
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        vec![
            ("requests answered", count(promises.answers - promises.refused)),
            ("requests refused for the moment", count(promises.refused)),
            ("requests that found no door open", count(promises.unreached)),
            ("requests cut off", size(promises.cut_off.len())),
            ("verifications acknowledged", size(promises.verified.len())),
            ("resets acknowledged", size(promises.reset.len())),
            ("sessions ended", size(promises.ended.len())),
            ("events committed", size(totals.events)),
            ("events committed a minute late", size(totals.late_events)),
            ("mails", size(totals.mails)),
            ("mails recorded ambiguous", totals.ambiguous),
            ("mails that came twice", size(totals.came_twice)),
            ("registrations lost by a wipe", count(promises.lost_by_wipe.registrations)),
            ("links lost by a wipe", count(promises.lost_by_wipe.links)),
            ("lapses of Kafka itself", count(promises.lapses_of_kafka)),
            ("stops in order", size(promises.stops.count())),
            ("stops: median in milliseconds", milliseconds(promises.stops.median())),
            ("stops: p99 in milliseconds", milliseconds(promises.stops.slow())),
            ("effects lost", size(totals.lost)),
            ("effects doubled", size(totals.doubled)),
            ("inversions within a key", size(totals.inversions)),
            ("promises broken", size(promises.broken.len())),
        ]
    }

    pub(crate) fn to_json(&self) -> Value {
        let faults: Vec<Value> = self
            .faults
            .iter()
            .map(|(fault, recoveries)| {
                let (median, slowest) = (recoveries.median(), recoveries.slowest());
                json!({ "fault": fault.name(), "rounds": recoveries.0.len(),
                    "median_recovery_seconds": median, "slowest_recovery_seconds": slowest })
            })
            .collect();
        let figures: serde_json::Map<String, Value> =
            self.figures().into_iter().map(|(name, figure)| (name.replace(' ', "_"), figure.into())).collect();
        json!({ "seed": self.seed, "faults": faults, "figures": figures, "broken": self.promises.broken })
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<20} {:>7} {:>16} {:>17}", "fault", "rounds", "median recovery", "slowest recovery")?;
        for (fault, recoveries) in &self.faults {
            let (rounds, median, slowest) = (recoveries.0.len(), recoveries.median(), recoveries.slowest());
            writeln!(f, "{:<20} {rounds:>7} {median:>14.1} s {slowest:>15.1} s", fault.name())?;
        }
        writeln!(f)?;
        for (name, figure) in self.figures() {
            writeln!(f, "{name:<35} {figure:>9}")?;
        }
        write!(f, "seed {:>40}", self.seed)?;
        self.promises.broken.iter().take(40).try_for_each(|complaint| write!(f, "\n  {complaint}"))
    }
}
