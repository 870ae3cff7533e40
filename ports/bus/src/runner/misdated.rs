//! What waits for an instant of a clock that was ahead would wait for as long as the clock was set back, so it is made due.

use clock::{SetBack, Timestamp};
use database::Result;

use super::{POLICY, Worker};
use crate::store;

/// Rows changed by one transaction, so that nobody waits long behind it.
const BATCH: u64 = 500;

/// Follows the clock on behalf of one task of a worker.
#[derive(Default)]
pub(super) struct Misdated {
    clock: SetBack,
    is_checked: bool,
}

/// What waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Waits {
    Parked,
    FanOuts,
}

impl Misdated {
    /// What waits beyond this is misdated. At the start that is what waits for longer than anything does; after a clock was
    /// set back, all that waits: one attempt too early does no harm.
    fn horizon(&mut self, now: Timestamp) -> Option<Timestamp> {
        if self.clock.notice(now) {
            return Some(now);
        }
        (!self.is_checked).then(|| now + POLICY.longest_wait())
    }

    fn acknowledge(&mut self) {
        self.clock.acknowledge();
        self.is_checked = true;
    }
}

impl Worker {
    /// Makes due what is misdated among `waits`.
    pub(super) async fn bring_forward(&self, waits: Waits, misdated: &mut Misdated) -> Result<()> {
        let now = self.sources().now();
        let Some(horizon) = misdated.horizon(now) else { return Ok(()) };
        loop {
            let tx = self.database.begin_read_committed().await?;
            let rows = match waits {
                Waits::Parked => store::parked::bring_forward(&tx, self.consumer.name, (horizon, now), BATCH).await?,
                Waits::FanOuts => {
                    let names = self.consumer.expansion_names();
                    store::fan_out::bring_forward(&tx, &names, (horizon, now), BATCH).await?
                }
            };
            tx.commit().await?;
            if rows > 0 {
                let consumer = self.consumer.name;
                tracing::warn!(consumer, ?waits, rows, "these waited for a time that a clock set back has not reached");
            }
            if rows < BATCH {
                misdated.acknowledge();
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_waits_too_long_is_misdated_at_the_start_and_all_that_waits_after_a_clock_was_set_back() {
        let hour = Duration::from_secs(60 * 60);
        let start = Timestamp::UNIX_EPOCH + 24 * hour;
        let mut misdated = Misdated::default();

        let at_the_start = [start, start].map(|now| misdated.horizon(now));
        misdated.acknowledge();
        let later = [start, start + hour].map(|now| misdated.horizon(now));
        let set_back = [start, start].map(|now| misdated.horizon(now));
        misdated.acknowledge();

        assert_eq!(at_the_start, [Some(start + hour + hour / 2); 2]);
        assert_eq!(later, [None; 2]);
        assert_eq!((set_back, misdated.horizon(start)), ([Some(start); 2], None));
    }
}
