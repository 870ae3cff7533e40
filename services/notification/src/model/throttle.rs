//! How many mails leave in a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clock::Timestamp;

/// A limit that lets one second's worth of mails go at once and then holds the rate (the generic cell rate algorithm of
/// ITU-T I.371).
#[derive(Debug)]
pub(crate) struct Throttle {
    interval: Duration,
    /// When the next mail would leave if all left evenly.
    even: Mutex<Timestamp>,
}

const BURST_WINDOW: Duration = Duration::from_secs(1);
/// More than there are connections to wait with.
const PLACES: u32 = 1_000;

impl Throttle {
    /// At most `rate` mails a second.
    pub(crate) fn new(rate: u32) -> Self {
        Self { interval: BURST_WINDOW / rate.max(1), even: Mutex::new(Timestamp::UNIX_EPOCH) }
    }

    /// Takes a place in the row and says how long it is until its turn.
    pub(crate) fn take_turn(&self, now: Timestamp) -> Duration {
        let mut even = self.even.lock().unwrap_or_else(PoisonError::into_inner);
        // A longer row was filled before the clock was set back.
        let is_possible = *even <= now + BURST_WINDOW + self.interval * PLACES;
        *even = if is_possible { (*even).max(now) } else { now } + self.interval;
        (*even - BURST_WINDOW - now).to_std().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_second_of_mails_leaves_at_once_and_the_rest_evenly() {
        let throttle = Throttle::new(10);

        let turns: Vec<Duration> = (0..15).map(|_| throttle.take_turn(NOW)).collect();

        assert_eq!(turns[..10], [Duration::ZERO; 10]);
        assert_eq!(turns[10..], [100, 200, 300, 400, 500].map(Duration::from_millis));
    }

    #[test]
    fn a_quiet_time_earns_no_more_than_one_second() {
        let throttle = Throttle::new(10);
        let later = NOW + Duration::from_secs(60);

        let turns: Vec<Duration> = (0..11).map(|_| throttle.take_turn(later)).collect();

        assert_eq!(turns[9..], [Duration::ZERO, Duration::from_millis(100)]);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_no_mail_for_as_long() {
        let throttle = Throttle::new(1_000);
        throttle.take_turn(NOW + Duration::from_secs(3_600));

        assert!(throttle.take_turn(NOW) <= Duration::from_secs(1));
    }
}
