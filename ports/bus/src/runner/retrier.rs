//! Tries again what was parked, when its time has come.

use std::time::Duration;

use clock::Timestamp;
use database::Result;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::misdated::{Misdated, Waits};
use super::work::{InFlight, Outcome};
use super::{OutageBackoff, Stopped, Worker};
use crate::announced::Subject;
use crate::store::parked::Parked;
use crate::{measures, store};

/// Rows read at once.
const BATCH: u64 = 100;
/// How soon a row is seen that another process parked, such as a dead letter replayed by the command line.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// What a poll of the parked rows found.
enum Poll {
    Due(Vec<Parked>),
    NothingBefore(Timestamp),
}

impl Worker {
    /// Retries until `stop`; finishes the event at hand before it returns.
    pub(crate) async fn retry(&self, stop: &CancellationToken) {
        let mut parked = Subject::Parked(self.consumer.name).of(&self.database);
        let (mut backoff, mut misdated) = (OutageBackoff::default(), Misdated::default());
        loop {
            // Seen before the poll, so that a commit behind it ends the wait.
            parked.borrow_and_update();
            let went_on = match self.poll(&mut misdated).await {
                Ok(Poll::Due(rows)) => match self.retry_each(&rows, stop).await {
                    Ok(Outcome::Finished) => Ok(()),
                    Ok(Outcome::HandedOver | Outcome::Unavailable) => {
                        self.pause(self.sources().now() + POLL_INTERVAL, &mut parked, stop).await
                    }
                    Err(stopped) => Err(stopped),
                },
                Ok(Poll::NothingBefore(time)) => {
                    backoff = OutageBackoff::default();
                    self.pause(time, &mut parked, stop).await
                }
                Err(error) => backoff.wait(self, &error, stop).await,
            };
            if let Err(Stopped) = went_on {
                return;
            }
        }
    }

    /// Waits until `time`, or until something else was parked. Looks again after a while wherever the clock is set.
    async fn pause(
        &self,
        time: Timestamp,
        parked: &mut watch::Receiver<u64>,
        stop: &CancellationToken,
    ) -> std::result::Result<(), Stopped> {
        tokio::select! {
            () = stop.cancelled() => Err(Stopped),
            _ = parked.changed() => Ok(()),
            () = self.sources().sleep_until(time) => Ok(()),
            () = self.sources().sleep(POLL_INTERVAL) => Ok(()),
        }
    }

    async fn poll(&self, misdated: &mut Misdated) -> Result<Poll> {
        self.bring_forward(Waits::Parked, misdated).await?;
        let now = self.sources().now();
        let next_poll = now + POLL_INTERVAL;
        measures::count_poll(self.consumer.name, "parked");
        let rows = store::parked::upcoming(&self.database, self.consumer.name, next_poll, BATCH).await?;
        let (due, later): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.next_at <= now);
        if due.is_empty() {
            return Ok(Poll::NothingBefore(later.first().map_or(next_poll, |row| row.next_at)));
        }
        Ok(Poll::Due(due))
    }

    /// Tries all of `rows`; answers if others have every one of them.
    async fn retry_each(&self, rows: &[Parked], stop: &CancellationToken) -> std::result::Result<Outcome, Stopped> {
        let mut outcome = Outcome::HandedOver;
        for row in rows {
            if stop.is_cancelled() {
                return Err(Stopped);
            }
            match self.work_on(InFlight::parked(self.consumer.name, row), stop).await? {
                Outcome::Finished => outcome = Outcome::Finished,
                Outcome::HandedOver => (),
                // None of the others can be worked on either.
                Outcome::Unavailable => break,
            }
        }
        self.has_progressed();
        Ok(outcome)
    }
}
