//! Takes arrivals from the source in their order, and acknowledges what the consumer took charge of.
//!
//! Events of different keys that arrive together are heard in one transaction, so that they wait for the disk once.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::work::{InFlight, Outcome};
use super::{OutageBackoff, Stopped, Worker};
use crate::source::{Arrival, Source};

/// How many events are heard in one transaction at most.
const AT_ONCE: usize = 32;
/// How long the consumer works before it asks its source again, which lets other members of its group wait so long.
const WORK_WINDOW: Duration = Duration::from_secs(4);

/// How it goes on with what was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    /// What is left goes back to the source.
    GiveBack,
}

impl Worker {
    /// Reads until `stop`; finishes the event at hand, acknowledges and leaves before it returns.
    pub(crate) async fn read(&self, stop: &CancellationToken) {
        let mut source = self.source.lock().await;
        source.begin();
        self.read_from(source.as_mut(), stop).await;
        source.leave().await;
    }

    async fn read_from(&self, source: &mut dyn Source, stop: &CancellationToken) {
        let mut backoff = OutageBackoff::default();
        while let Some(received) = stop.run_until_cancelled(source.receive()).await {
            let taken = match received {
                Ok(arrivals) => {
                    backoff = OutageBackoff::default();
                    self.take(source, &arrivals, stop).await
                }
                Err(error) => backoff.wait(self, &error, stop).await,
            };
            if let Err(Stopped) = taken {
                return;
            }
        }
    }

    async fn take(
        &self,
        source: &mut dyn Source,
        arrivals: &[Arrival],
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let (mut taken, mut flow) = (0, Ok(Flow::Continue));
        // Real time, not that of the platform: it is about load, and decides nothing.
        let until = Instant::now() + WORK_WINDOW;
        while taken < arrivals.len() && !stop.is_cancelled() && matches!(flow, Ok(Flow::Continue)) {
            flow = self.take_together(arrivals, &mut taken, until, stop).await;
        }
        if taken > 0 {
            self.acknowledge(source, &arrivals[..taken], stop).await?;
        }
        if taken < arrivals.len() && matches!(flow, Ok(Flow::GiveBack)) {
            source.give_back().await;
        }
        self.has_progressed();
        Ok(())
    }

    /// Works on as many of `arrivals` behind the `taken` ones as can be heard in one transaction, and counts them.
    async fn take_together(
        &self,
        arrivals: &[Arrival],
        taken: &mut usize,
        until: Instant,
        stop: &CancellationToken,
    ) -> Result<Flow, Stopped> {
        if *taken > 0 && Instant::now() > until {
            return Ok(Flow::GiveBack);
        }
        let next = of_different_keys(&arrivals[*taken..]);
        let mut batch: Vec<_> = next.map(|arrival| InFlight::arriving(self.consumer.name, &arrival.delivery)).collect();
        if batch.len() > 1 {
            match self.hear_together(&batch).await {
                Ok(hearings) => {
                    batch.truncate(hearings.len());
                    for (in_flight, hearing) in batch.iter_mut().zip(hearings) {
                        // The snapshot that was too old for one of them is so for good; it is heard in another one.
                        in_flight.hearing = Some(hearing).filter(|hearing| !hearing.is_overtaken());
                    }
                }
                Err(error) => {
                    tracing::debug!(consumer = self.consumer.name, %error, "events are heard one by one");
                }
            }
        }
        for in_flight in batch {
            // What had its effect is finished and acknowledged before a stop, so that it need not be delivered again.
            if in_flight.hearing.is_none() && stop.is_cancelled() {
                return Err(Stopped);
            }
            if in_flight.hearing.is_none() && *taken > 0 && Instant::now() > until {
                return Ok(Flow::GiveBack);
            }
            if self.work_on(in_flight, stop).await? == Outcome::Unavailable {
                return Ok(Flow::GiveBack);
            }
            *taken += 1;
        }
        Ok(Flow::Continue)
    }

    /// When stopping, one try is enough: the inbox knows what is delivered again.
    async fn acknowledge(
        &self,
        source: &mut dyn Source,
        taken: &[Arrival],
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut backoff = OutageBackoff::default();
        while let Err(error) = source.acknowledge(taken).await {
            backoff.wait(self, &error, stop).await?;
        }
        Ok(())
    }
}

/// The first of `arrivals`, up to where a key comes again: an event is finished before the next one of its key is heard.
fn of_different_keys(arrivals: &[Arrival]) -> impl Iterator<Item = &Arrival> {
    let mut keys = HashSet::new();
    arrivals.iter().take(AT_ONCE).take_while(move |arrival| keys.insert(&arrival.delivery.key))
}
