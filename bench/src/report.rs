//! What was measured beside what was promised, for people and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

/// Everything that was measured.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// One measurement.
#[derive(Serialize)]
pub(crate) struct Row {
    what: String,
    measured: f64,
    unit: &'static str,
    target: Target,
    holds: bool,
    /// How it came about.
    detail: String,
}

/// What a measurement must not miss.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing was promised.
    None,
}

impl Row {
    pub(crate) fn new(
        what: impl Into<String>,
        measured: f64,
        unit: &'static str,
        target: Target,
        detail: String,
    ) -> Self {
        let what = what.into();
        let holds = match target {
            Target::AtLeast(least) => measured >= least,
            Target::AtMost(most) => measured <= most,
            Target::None => true,
        };
        Self { what, measured, unit, target, holds, detail }
    }

    /// A time that must not be longer than `most`, in milliseconds.
    pub(crate) fn milliseconds(what: impl Into<String>, measured: Duration, most: f64, detail: String) -> Self {
        Self::new(what, measured.as_secs_f64() * 1_000.0, "ms", Target::AtMost(most), detail)
    }
}

impl Report {
    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.rows.extend(rows);
    }

    /// Whether no promise was missed.
    pub(crate) fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.holds)
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names and numbers are JSON")
    }

    pub(crate) fn table(&self) -> String {
        let mut table =
            format!("{:<42} {:>10} {:<10} {:>10}  {:<7} how\n", "what", "measured", "unit", "target", "verdict");
        for Row { what, measured, unit, target, holds, detail } in &self.rows {
            let verdict = match (target, holds) {
                (Target::None, _) => "told",
                (_, true) => "holds",
                (_, false) => "MISSED",
            };
            let target = match target {
                Target::AtLeast(least) => format!("≥ {least}"),
                Target::AtMost(most) => format!("≤ {most}"),
                Target::None => "-".to_owned(),
            };
            writeln!(table, "{what:<42} {measured:>10.2} {unit:<10} {target:>10}  {verdict:<7} {detail}")
                .expect("a string takes any text");
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_just_met_holds_and_one_that_is_missed_fails_the_report() {
        let row = |measured, target| Row::new("speed", measured, "ms", target, String::new());
        let mut report = Report::default();

        report.add([row(5.0, Target::AtMost(5.0)), row(5.0, Target::AtLeast(5.0))]);
        assert!(report.holds());
        report.add([row(5.1, Target::AtMost(5.0))]);

        assert!(!report.holds());
        assert!(report.table().contains("MISSED"));
    }
}
