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
    /// When to ask again.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<(), Timestamp> {
        let mut next = self.next();
        match *next {
            Some(at) if now < at => Err(at),
            Some(_) => {
                *next = Some(now + INTERVAL);
                Ok(())
            }
            None => Ok(()),
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
        assert_eq!(probation.admit(start), Err(start + INTERVAL));
        assert_eq!(probation.admit(start + INTERVAL), Ok(()));
        assert_eq!(probation.admit(start + INTERVAL), Err(start + 2 * INTERVAL));

        probation.end();
        assert_eq!(probation.admit(start + INTERVAL), Ok(()));
    }
}
