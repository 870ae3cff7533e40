//! When what did not succeed is tried again.

use std::time::Duration;

/// After how long something is tried again that has failed so often, or was not answered.
pub(crate) fn backoff(attempts: i16) -> Duration {
    const SOON: [u64; 5] = [2, 5, 10, 30, 60];
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    Duration::from_secs(SOON.get(place).copied().unwrap_or(5 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_failing_is_tried_ever_more_rarely() {
        let waits = [1, 2, 3, 4, 5, 6, 100].map(|attempts| backoff(attempts).as_secs());

        assert_eq!(waits, [2, 5, 10, 30, 60, 300, 300]);
    }
}
