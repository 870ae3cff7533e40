//! Takes arrivals from the source, one after the other, and acknowledges what the consumer took charge of.

use tokio_util::sync::CancellationToken;

use super::work::Case;
use super::{Patience, Stopped, Worker};
use crate::source::{Arrival, Source};

impl Worker {
    /// Reads until `stop`; finishes the event at hand, acknowledges and leaves before it returns.
    pub(crate) async fn read(&self, stop: &CancellationToken) {
        let mut source = self.source.lock().await;
        self.read_from(source.as_mut(), stop).await;
        source.leave().await;
    }

    async fn read_from(&self, source: &mut dyn Source, stop: &CancellationToken) {
        let mut patience = Patience::default();
        while let Some(received) = stop.run_until_cancelled(source.receive()).await {
            let taken = match received {
                Ok(arrivals) => {
                    patience = Patience::default();
                    self.take(source, &arrivals, stop).await
                }
                Err(error) => patience.wait(self, &error, stop).await,
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
        let mut taken = 0;
        for arrival in arrivals {
            if stop.is_cancelled() || self.work_on(Case::arriving(&arrival.delivery), stop).await.is_err() {
                break;
            }
            taken += 1;
        }
        let acknowledged = self.acknowledge(source, &arrivals[..taken], stop).await;
        self.has_progressed();
        acknowledged
    }

    /// When stopping, one try is enough: the inbox knows what is delivered again.
    async fn acknowledge(
        &self,
        source: &mut dyn Source,
        taken: &[Arrival],
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut patience = Patience::default();
        while let Err(error) = source.acknowledge(taken).await {
            patience.wait(self, &error, stop).await?;
        }
        Ok(())
    }
}
