//! Two sides that take short turns, each round compared for itself, so that what else the machine does meets both alike.

use crate::load::Work;

/// What both sides came to, round by round.
#[derive(Default)]
pub(crate) struct Rounds {
    pub(crate) ours: Work,
    pub(crate) theirs: Work,
    shares: Vec<f64>,
}

impl Rounds {
    pub(crate) fn add(&mut self, ours: Work, theirs: Work) {
        self.ours += ours;
        self.theirs += theirs;
        self.shares.push(100.0 * ours.per_second() / theirs.per_second());
    }

    /// Our rate as a percentage of theirs, in the middle one of the rounds.
    ///
    /// # Panics
    /// There was none.
    pub(crate) fn median(&self) -> f64 {
        let mut shares = self.shares.clone();
        shares.sort_by(f64::total_cmp);
        shares[shares.len() / 2]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_round_that_was_disturbed_does_not_count() {
        let work = |done| Work { done, took: Duration::from_secs(1) };
        let mut rounds = Rounds::default();

        for ours in [90, 10, 91] {
            rounds.add(work(ours), work(100));
        }

        assert!((rounds.median() - 90.0).abs() < 1e-9);
        assert_eq!(rounds.ours.done, 191);
    }
}
