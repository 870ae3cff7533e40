//! The outcome of a run, as a table and as JSON.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::verdict::Totals;
use crate::ledger::Promises;
use crate::order_figures::figures;
use crate::recoveries::Recoveries;

/// The outcome of a run.
pub(crate) struct Report {
    seed: u64,
    recoveries: Recoveries,
    promises: Promises,
    totals: Totals,
}

impl Report {
    pub(crate) fn new(seed: u64, recoveries: Recoveries, promises: Promises, totals: Totals) -> Self {
        Self { seed, recoveries, promises, totals }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.promises.broken.is_empty()
    }

    fn figures(&self) -> Vec<(&'static str, i64)> {
        let Self { promises, totals, .. } = self;
        let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let mut all = vec![
            ("requests answered", count(promises.answers - promises.refused)),
            ("requests refused for the moment", count(promises.refused)),
            ("requests that found no door open", count(promises.unreached)),
            ("requests cut off", size(promises.unanswered.len())),
            ("verifications acknowledged", size(promises.verified.len())),
            ("resets acknowledged", size(promises.reset.len())),
            ("sessions ended", size(promises.ended.len())),
            ("events committed", size(totals.events)),
            ("events committed a minute late", size(totals.late_events)),
            ("mails", size(totals.mails)),
            ("mails recorded ambiguous", totals.ambiguous),
            ("mails that came late or never, ambiguous", size(totals.in_doubt)),
            ("mails that came twice", size(totals.came_twice)),
            ("registrations lost by a wipe", count(promises.lost_by_wipe.registrations)),
            ("links lost by a wipe", count(promises.lost_by_wipe.links)),
            ("journeys ended by a jump", count(promises.ended_by_jump)),
            ("lapses of Kafka itself", count(promises.lapses_of_kafka)),
        ];
        all.extend(figures(promises, totals.orders));
        all.extend([
            ("stops in order", size(promises.stops.count())),
            ("stops: median in milliseconds", milliseconds(promises.stops.median())),
            ("stops: p99 in milliseconds", milliseconds(promises.stops.slow())),
            ("effects lost", size(totals.lost)),
            ("effects doubled", size(totals.doubled)),
            ("inversions within a key", size(totals.inversions)),
            ("promises broken", size(promises.broken.len())),
        ]);
        all
    }

    pub(crate) fn to_json(&self) -> Value {
        let figures: serde_json::Map<String, Value> =
            self.figures().into_iter().map(|(name, figure)| (name.replace(' ', "_"), figure.into())).collect();
        json!({ "seed": self.seed, "faults": self.recoveries.to_json(), "figures": figures, "broken": self.promises.broken })
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.recoveries)?;
        writeln!(f)?;
        for (name, figure) in self.figures() {
            writeln!(f, "{name:<40} {figure:>9}")?;
        }
        write!(f, "seed {:>45}", self.seed)?;
        self.promises.broken.iter().take(40).try_for_each(|complaint| write!(f, "\n  {complaint}"))
    }
}
