//! How many mails leave in a second.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;

/// A limit that lets one second's worth of mails go at once and then holds the rate (the generic cell rate algorithm of
/// ITU-T I.371).
#[derive(Debug)]
pub(crate) struct Throttle {
    rate: u32,
    turns: Mutex<Turns>,
}

#[derive(Debug)]
struct Turns {
    interval: Duration,
    /// When the next mail would leave if all left evenly.
    even: Timestamp,
}

const BURST_WINDOW: Duration = Duration::from_secs(1);
/// More than there are connections to wait with.
const PLACES: u32 = 1_000;

impl Throttle {
    /// At most `rate` mails a second.
    pub(crate) fn new(rate: u32) -> Self {
        let interval = BURST_WINDOW / rate.max(1);
        Self { rate: rate.max(1), turns: Mutex::new(Turns { interval, even: Timestamp::UNIX_EPOCH }) }
    }

    /// Divides the rate among so many processes, of which this is one.
    pub(crate) fn divide(&self, senders: u32) {
        self.turns().interval = BURST_WINDOW * senders.max(1) / self.rate;
    }

    /// Takes a place in the row and says how long it is until its turn.
    pub(crate) fn take_turn(&self, now: Timestamp) -> Duration {
        let mut turns = self.turns();
        turns.even = turns.next(now);
        turns.wait(turns.even, now)
    }

    /// How long it is until the turn of who takes a place now.
    pub(crate) fn next_turn(&self, now: Timestamp) -> Duration {
        let turns = self.turns();
        turns.wait(turns.next(now), now)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    fn next(&self, now: Timestamp) -> Timestamp {
        // A longer row was filled before the clock was set back.
        let is_possible = self.even <= now + BURST_WINDOW + self.interval * PLACES;
        (if is_possible { self.even.max(now) } else { now }) + self.interval
    }

    fn wait(&self, even: Timestamp, now: Timestamp) -> Duration {
        (even - BURST_WINDOW.max(self.interval) - now).to_std().unwrap_or_default()
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

    #[test]
    fn senders_share_the_rate_and_the_first_mail_of_the_slowest_leaves_at_once() {
        let throttle = Throttle::new(2);
        throttle.divide(4);

        let turns: Vec<Duration> = (0..3).map(|_| throttle.take_turn(NOW)).collect();

        assert_eq!(turns, [0, 2, 4].map(Duration::from_secs));
        assert_eq!(throttle.next_turn(NOW), Duration::from_secs(6));
    }
}
