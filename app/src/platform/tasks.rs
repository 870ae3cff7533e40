//! Everything that goes on besides answering requests, in one set that is watched and stopped as a whole.

use std::collections::HashMap;

use anyhow::anyhow;
use kit::Task;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Tasks that run until they are stopped. One that ends before is a fault, and never goes unnoticed.
pub(super) struct TaskSet {
    running: JoinSet<()>,
    names: HashMap<Id, &'static str>,
    stop: CancellationToken,
}

impl TaskSet {
    pub(super) fn start(tasks: impl IntoIterator<Item = Task>) -> Self {
        let mut set = Self { running: JoinSet::new(), names: HashMap::new(), stop: CancellationToken::new() };
        for Task { name, run } in tasks {
            let started = set.running.spawn(run(set.stop.clone()));
            set.names.insert(started.id(), name);
        }
        set
    }

    /// Waits for a task that ends though nobody stopped it, and says which and how.
    pub(super) async fn first_end(&mut self) -> anyhow::Error {
        match self.running.join_next_with_id().await {
            Some(ended) => self.fault(ended),
            None => std::future::pending().await,
        }
    }

    fn fault(&self, ended: Result<(Id, ()), JoinError>) -> anyhow::Error {
        match ended {
            Ok((id, ())) => anyhow!("the task {} ended on its own", self.name(id)),
            Err(error) => anyhow!("the task {} panicked", self.name(error.id())),
        }
    }

    fn name(&self, id: Id) -> &'static str {
        self.names.get(&id).copied().unwrap_or("unknown")
    }

    /// Lets every task finish what is at hand, until `deadline` at most.
    pub(super) async fn stop(mut self, deadline: Instant) {
        self.stop.cancel();
        while let Ok(Some(ended)) = tokio::time::timeout_at(deadline, self.running.join_next_with_id()).await {
            match ended {
                Ok((id, ())) => drop(self.names.remove(&id)),
                Err(error) => {
                    tracing::error!(task = self.name(error.id()), "a task panicked while it stopped");
                    self.names.remove(&error.id());
                }
            }
        }
        for name in self.names.values() {
            tracing::warn!(task = name, "a task is cut: it did not stop in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_or_panics_on_its_own_is_named() {
        let steady = || Task::new("steady", |stop| async move { stop.cancelled().await });
        let mut ended = TaskSet::start([steady(), Task::new("brief", |_| async {})]);
        let mut panicked = TaskSet::start([steady(), Task::new("broken", |_| async { panic!("on purpose") })]);

        let (ended, panicked) = (ended.first_end().await, panicked.first_end().await);

        assert_eq!(ended.to_string(), "the task brief ended on its own");
        assert_eq!(panicked.to_string(), "the task broken panicked");
    }

    #[tokio::test]
    async fn stopping_lets_tasks_finish_and_cuts_those_that_do_not() {
        let (finished, heard) = tokio::sync::oneshot::channel();
        let orderly = Task::new("orderly", |stop| async move {
            stop.cancelled().await;
            finished.send(()).expect("the test waits for it");
        });
        let stubborn = Task::new("stubborn", |_| std::future::pending());

        TaskSet::start([orderly, stubborn]).stop(Instant::now() + Duration::from_millis(50)).await;

        assert_eq!(heard.await, Ok(()));
    }
}
