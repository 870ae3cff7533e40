//! How long the platform took to work again after each fault.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::plan::Fault;

/// The recoveries of a run, by fault.
#[derive(Debug, Default)]
pub(crate) struct Recoveries(BTreeMap<Fault, Vec<Duration>>);

impl Recoveries {
    pub(crate) fn note(&mut self, fault: Fault, recovery: Duration) {
        self.0.entry(fault).or_default().push(recovery);
    }

    pub(crate) fn to_json(&self) -> Value {
        let faults = self.0.iter().map(|(fault, recoveries)| {
            json!({ "fault": fault.name(), "rounds": recoveries.len(),
                "median_recovery_seconds": median(recoveries), "slowest_recovery_seconds": slowest(recoveries) })
        });
        faults.collect()
    }
}

impl fmt::Display for Recoveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24} {:>7} {:>16} {:>17}", "fault", "rounds", "median recovery", "slowest recovery")?;
        self.0.iter().try_for_each(|(fault, recoveries)| {
            let (rounds, median, slowest) = (recoveries.len(), median(recoveries), slowest(recoveries));
            writeln!(f, "{:<24} {rounds:>7} {median:>14.1} s {slowest:>15.1} s", fault.name())
        })
    }
}

fn slowest(recoveries: &[Duration]) -> f64 {
    recoveries.iter().max().map_or(0.0, Duration::as_secs_f64)
}

fn median(recoveries: &[Duration]) -> f64 {
    let mut sorted = recoveries.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).map_or(0.0, Duration::as_secs_f64)
}
