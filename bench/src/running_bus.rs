//! A bus at work, as a process of the platform has it.

use std::time::Duration;

use bus::Bus;
use clock::Sources;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often the platform does the upkeep of its bus.
const UPKEEP: Duration = Duration::from_secs(1);

/// Runs until it is stopped; dropped, it ends at once.
pub(crate) struct RunningBus {
    bus: Bus,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl RunningBus {
    pub(crate) fn start(bus: Bus) -> Self {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        let (worker, stopped) = (bus.clone(), stop.clone());
        tasks.spawn(async move { worker.run(stopped).await });
        Self { bus, stop, tasks }
    }

    /// Trims its tables meanwhile, as a platform does that runs for long.
    pub(crate) fn with_upkeep(mut self, sources: &Sources) -> Self {
        let (bus, stop, sources) = (self.bus.clone(), self.stop.clone(), sources.clone());
        self.tasks.spawn(async move {
            while stop.run_until_cancelled(sources.sleep(UPKEEP)).await.is_some() {
                // A round that fails is made up for by the next one.
                let _ = bus.maintain().await;
            }
        });
        self
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.join_all().await;
    }
}
