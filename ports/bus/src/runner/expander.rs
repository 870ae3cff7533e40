//! Records what fan-outs are to publish, one chunk in one transaction.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use database::Result;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use super::attempt::message;
use super::misdated::{Misdated, Waits};
use super::{OutageBackoff, POLICY, Worker};
use crate::announced::{Subject, any_of};
use crate::fan_out::Then;
use crate::store::fan_out::{self, Due};
use crate::{HearError, measures};

/// How soon a fan-out is seen that another process began, or whose pause is over.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// What one poll led to.
enum Poll {
    WentOn,
    NothingDue,
}

impl Worker {
    /// Expands until `stop`; finishes the chunk at hand before it returns.
    pub(crate) async fn expand(&self, stop: &CancellationToken) {
        let names = self.consumer.expansion_names();
        if names.is_empty() {
            return;
        }
        let mut begun: Vec<_> = names.iter().map(|name| Subject::FanOut(name).of(&self.database)).collect();
        let (mut backoff, mut misdated) = (OutageBackoff::default(), Misdated::default());
        while !stop.is_cancelled() {
            // Seen before the poll, so that a commit behind it ends the wait.
            for begun in &mut begun {
                begun.borrow_and_update();
            }
            match self.expand_next(&mut misdated).await {
                Ok(Poll::WentOn) => {
                    backoff = OutageBackoff::default();
                    self.has_progressed();
                }
                Ok(Poll::NothingDue) => tokio::select! {
                    () = stop.cancelled() => return,
                    () = any_of(begun.iter()) => (),
                    () = self.sources().sleep(POLL_INTERVAL) => (),
                },
                Err(error) => {
                    if backoff.wait(self, &error, stop).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn expand_next(&self, misdated: &mut Misdated) -> Result<Poll> {
        self.bring_forward(Waits::FanOuts, misdated).await?;
        let names = self.consumer.expansion_names();
        measures::count_poll(self.consumer.name, "fan-outs");
        // Asked before a transaction is begun, which on SQLite keeps all others waiting.
        if !fan_out::is_due(&self.database, &names, self.sources().now()).await? {
            return Ok(Poll::NothingDue);
        }
        let tx = self.database.begin_read_committed().await?;
        let Some(due) = fan_out::claim(&tx, &names).await? else { return Ok(Poll::NothingDue) };
        let Some(expansion) = self.consumer.expansion(&due.name) else { return Ok(Poll::NothingDue) };
        let recorded = AssertUnwindSafe(expansion.record(&tx, &due.place)).catch_unwind().await;
        let recorded = recorded
            .unwrap_or_else(|panic| Err(HearError::Failed(anyhow::anyhow!("panicked: {}", message(panic.as_ref())))));
        let done = match recorded {
            Ok(Then::GoOn { cursor, pause }) => fan_out::advance(&tx, &due, &cursor, tx.now() + pause).await,
            Ok(Then::End) => fan_out::delete(&tx, &due.name, &due.place.subject).await,
            Err(error) => {
                drop(tx);
                self.postpone(&due, &error.to_string()).await?;
                return Ok(Poll::WentOn);
            }
        };
        done?;
        tx.commit().await?;
        Ok(Poll::WentOn)
    }

    /// A fan-out is never given up: only its own events wait.
    async fn postpone(&self, due: &Due, reason: &str) -> Result<()> {
        let attempts = due.attempts + 1;
        let delay = POLICY.hear.pause(attempts, self.sources().fraction());
        tracing::warn!(fan_out = due.name, subject = due.place.subject, attempts, ?delay, reason, "a fan-out waits");
        let tx = self.database.begin_read_committed().await?;
        fan_out::postpone(&tx, due, reason, tx.now() + delay).await?;
        tx.commit().await
    }
}
