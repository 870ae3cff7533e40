//! The tasks of a service while they run.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Task;

/// Tasks that run until they are stopped.
pub struct RunningTasks {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl RunningTasks {
    /// Starts `tasks`, as the app does.
    #[must_use]
    pub fn start(tasks: Vec<Task>) -> Self {
        let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
        for task in tasks {
            running.spawn((task.run)(stop.clone()));
        }
        Self { stop, tasks: running }
    }

    /// Stops them in order.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }

    /// Ends them as a crash does.
    pub async fn crash(mut self) {
        self.tasks.shutdown().await;
    }
}
