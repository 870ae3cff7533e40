//! The work of the ports that goes on besides requests.

use std::fmt::Display;
use std::time::Duration;

use bus::Bus;
use clock::Sources;
use kit::Task;
use kit::access::Guard;
use metrics_exporter_prometheus::PrometheusHandle;

use super::ports::Ports;

const EACH_SECOND: Duration = Duration::from_secs(1);
const EACH_TEN_SECONDS: Duration = Duration::from_secs(10);

/// Consumers, the feed of revocations, and the upkeep of each port.
pub(super) fn tasks(ports: &Ports, bus: &Bus, guard: &Guard, counts: &PrometheusHandle) -> Vec<Task> {
    let sources = &ports.context.sources;
    let (consumers, follower) = (bus.clone(), guard.clone());
    let (ephemeral, outbox, counts) = (ports.ephemeral.clone(), bus.clone(), counts.clone());
    vec![
        Task::new("consumers", move |stop| async move { consumers.run(stop).await }),
        Task::new("revocations", move |stop| follower.follow(stop)),
        periodic("ephemeral upkeep", sources, EACH_SECOND, move || {
            let ephemeral = ephemeral.clone();
            async move { ephemeral.maintain().await }
        }),
        periodic("bus upkeep", sources, EACH_SECOND, move || {
            let outbox = outbox.clone();
            async move { outbox.maintain().await }
        }),
        periodic("metrics upkeep", sources, EACH_TEN_SECONDS, move || {
            counts.run_upkeep();
            std::future::ready(Ok::<(), std::convert::Infallible>(()))
        }),
    ]
}

/// Does `work` once each `interval`; a failure is told, and the next round tries again.
fn periodic<F, E>(
    name: &'static str,
    sources: &Sources,
    interval: Duration,
    work: impl Fn() -> F + Send + Sync + 'static,
) -> Task
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send,
{
    let sources = sources.clone();
    Task::new(name, move |stop| async move {
        while stop.run_until_cancelled(sources.sleep(interval)).await.is_some() {
            if let Err(error) = work().await {
                tracing::warn!(task = name, %error, "a round of upkeep failed");
            }
        }
    })
}
