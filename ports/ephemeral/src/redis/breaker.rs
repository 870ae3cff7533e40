//! When a server that has failed is asked again, and when callers are refused at once. Pure: it is given the time.

use std::sync::Arc;
use std::time::Duration;

use clock::{Backoff, Timestamp};

/// The pauses after probes that have failed.
const PAUSES: Backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_millis(500) };
/// A probe that nobody reported on is over after this, whatever became of it.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether a server is believed to answer.
#[derive(Debug, Default)]
pub(super) enum Breaker {
    /// It is.
    #[default]
    Closed,
    /// It failed so many times in a row, the last time for this reason.
    Open { failures: u32, next_probe: Timestamp, reason: Arc<str> },
}

/// What a caller may do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// Go on.
    Pass,
    /// Look whether the server is back, as the only one, and report.
    Probe,
    /// Nothing, for this reason.
    Refuse(Arc<str>),
}

impl Breaker {
    pub(super) fn admit(&mut self, now: Timestamp) -> Admission {
        match self {
            Self::Closed => Admission::Pass,
            // Further away than any pause is what a clock that was set back leaves behind.
            Self::Open { next_probe, reason, .. } if now < *next_probe && *next_probe <= now + PROBE_TIMEOUT => {
                Admission::Refuse(Arc::clone(reason))
            }
            Self::Open { next_probe, .. } => {
                *next_probe = now + PROBE_TIMEOUT;
                Admission::Probe
            }
        }
    }

    /// Notes that the server answers, and says whether that is news.
    pub(super) fn succeed(&mut self) -> bool {
        matches!(std::mem::take(self), Self::Open { .. })
    }

    /// Notes that the server failed, and says whether that, or the reason, is news.
    pub(super) fn fail(&mut self, reason: Arc<str>, now: Timestamp) -> bool {
        let (failures, is_news) = match self {
            Self::Closed => (1, true),
            Self::Open { failures, reason: before, .. } => (failures.saturating_add(1), *before != reason),
        };
        *self = Self::Open { failures, next_probe: now + pause_after(failures), reason };
        is_news
    }
}

/// None after the first failure: a server that only dropped its connections is back already.
fn pause_after(failures: u32) -> Duration {
    match failures {
        ..=1 => Duration::ZERO,
        _ => PAUSES.nominal(failures - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn down() -> Arc<str> {
        "down".into()
    }

    #[test]
    fn a_server_that_never_failed_is_asked() {
        assert_eq!(Breaker::default().admit(START), Admission::Pass);
    }

    #[test]
    fn the_first_failure_is_probed_at_once_and_by_one_caller() {
        let mut breaker = Breaker::default();

        breaker.fail(down(), START);

        assert_eq!(breaker.admit(START), Admission::Probe);
        assert_eq!(breaker.admit(START), Admission::Refuse(down()));
    }

    #[test]
    fn the_pauses_between_probes_double_up_to_half_a_second() {
        let mut breaker = Breaker::default();
        let mut now = START;
        let mut pauses = Vec::new();

        for _ in 0..7 {
            breaker.fail(down(), now);
            let failed_at = now;
            while breaker.admit(now) != Admission::Probe {
                now += Duration::from_millis(1);
            }
            pauses.push((now - failed_at).num_milliseconds());
        }

        assert_eq!(pauses, [0, 50, 100, 200, 400, 500, 500]);
    }

    #[test]
    fn a_success_lets_everybody_pass_and_forgets_the_failures() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.fail(down(), START);
        }

        assert!(breaker.succeed());
        assert!(!breaker.succeed(), "no news");

        assert_eq!(breaker.admit(START), Admission::Pass);
        breaker.fail(down(), START);
        assert_eq!(breaker.admit(START), Admission::Probe);
    }

    #[test]
    fn a_probe_that_nobody_reports_on_is_followed_by_another() {
        let mut breaker = Breaker::default();
        breaker.fail(down(), START);
        breaker.admit(START);

        assert_eq!(breaker.admit(START + PROBE_TIMEOUT - Duration::from_millis(1)), Admission::Refuse(down()));
        assert_eq!(breaker.admit(START + PROBE_TIMEOUT), Admission::Probe);
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_out() {
        let mut breaker = Breaker::default();
        let later = START + Duration::from_secs(3600);
        breaker.fail(down(), later);
        breaker.fail(down(), later);

        assert_eq!(breaker.admit(START), Admission::Probe);
    }

    #[test]
    fn only_the_first_failure_and_a_new_reason_are_news() {
        let mut breaker = Breaker::default();

        let news = [down(), down(), "refused".into()].map(|reason| breaker.fail(reason, START));

        assert_eq!(news, [true, false, true]);
    }
}
