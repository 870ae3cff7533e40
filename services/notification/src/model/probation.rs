//! How often a server is tried that refuses us: it may ban who comes with a wrong password again and again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::Timestamp;

/// Between two tries.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);

/// Set while the server refuses us: when it may be tried next.
#[derive(Debug, Default)]
pub(crate) struct Probation(Mutex<Option<Timestamp>>);

impl Probation {
    /// The server refused us.
    pub(crate) fn begin(&self, now: Timestamp) {
        *self.next() = Some(now + INTERVAL);
    }

    /// It does not any more.
    pub(crate) fn end(&self) {
        *self.next() = None;
    }

    /// Whether the caller may try the server; one caller may in each interval.
    ///
    /// # Errors
    /// How long to wait before asking again.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), Duration> {
        let mut next = self.next();
        let Some(at) = *next else { return Ok(()) };
        match (at - now).to_std() {
            // More is left only on a clock that was set back.
            Ok(pause) if !pause.is_zero() && pause <= INTERVAL => Err(pause),
            Ok(_) | Err(_) => {
                *next = Some(now + INTERVAL);
                Ok(())
            }
        }
    }

    fn next(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_in_each_minute_tries_a_server_that_refuses_us() {
        let (probation, start) = (Probation::default(), Timestamp::UNIX_EPOCH);
        assert_eq!((probation.admit(start), probation.admit(start)), (Ok(()), Ok(())));

        probation.begin(start);
        assert_eq!(probation.admit(start), Err(INTERVAL));
        assert_eq!(probation.admit(start + INTERVAL), Ok(()));
        assert_eq!(probation.admit(start + INTERVAL + INTERVAL / 2), Err(INTERVAL / 2));

        probation.end();
        assert_eq!(probation.admit(start + INTERVAL), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_adds_nothing_to_the_wait() {
        let (probation, start) = (Probation::default(), Timestamp::UNIX_EPOCH);
        probation.begin(start + 60 * INTERVAL);

        assert_eq!(probation.admit(start), Ok(()));
        assert_eq!(probation.admit(start), Err(INTERVAL));
    }
}
