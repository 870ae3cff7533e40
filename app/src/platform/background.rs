//! The work of the ports that goes on besides requests.

use std::time::Duration;

use bus::Bus;
use kit::Task;
use kit::access::Guard;
use metrics_exporter_prometheus::PrometheusHandle;

use super::ports::Ports;

const EACH_SECOND: Duration = Duration::from_secs(1);
const METRICS_INTERVAL: Duration = Duration::from_secs(10);

/// Consumers, the feed of revocations, and the upkeep of each port.
pub(super) fn tasks(ports: &Ports, bus: &Bus, guard: &Guard, counts: &PrometheusHandle) -> Vec<Task> {
    let mut tasks = upkeep(ports, bus, counts);
    let consumers = bus.clone();
    tasks.push(Task::new("consumers", move |stop| async move { consumers.run(stop).await }));
    if !ports.ephemeral.is_absent() {
        let follower = guard.clone();
        tasks.push(Task::new("revocations", move |stop| follower.follow(stop)));
    }
    if let Some(lock) = &ports.lock {
        let lost = lock.lost();
        tasks.push(Task::new("lock of embedded state", move |stop| async move {
            stop.run_until_cancelled(lost.cancelled()).await;
        }));
    }
    tasks
}

fn upkeep(ports: &Ports, bus: &Bus, counts: &PrometheusHandle) -> Vec<Task> {
    let sources = &ports.context.sources;
    let (ephemeral, outbox, counts) = (ports.ephemeral.clone(), bus.clone(), counts.clone());
    vec![
        Task::every(EACH_SECOND, "ephemeral upkeep", sources, move || {
            let ephemeral = ephemeral.clone();
            async move { ephemeral.maintain().await }
        }),
        Task::every(EACH_SECOND, "bus upkeep", sources, move || {
            let outbox = outbox.clone();
            async move { outbox.maintain().await }
        }),
        kit::idempotency::trimming(&ports.context),
        Task::every(METRICS_INTERVAL, "metrics upkeep", sources, move || {
            counts.run_upkeep();
            std::future::ready(Ok::<(), std::convert::Infallible>(()))
        }),
    ]
}
