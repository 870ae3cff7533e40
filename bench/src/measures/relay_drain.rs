//! How fast the relay copies a long backlog from Postgres into Kafka, against Kafka's own tool, which reads no database.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bus::Bus;
use testkit::servers::kafka_tools::{self, Load};

use crate::load::Work;
use crate::report::{Row, Target};
use crate::running_bus::RunningBus;
use crate::servers::{PARTITIONS, Servers};
use crate::store;

const EVENTS: u32 = 1_000_000;
/// Of each value.
const BYTES: u32 = 300;
/// The databases and topics of our rounds.
const OURS: [&str; 2] = ["relay_drain_1", "relay_drain_2"];
const THEIRS: &str = "relay_drain_peer";
/// Between two looks at how far the relay is.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
const TIMEOUT: Duration = Duration::from_secs(300);

/// Both sides run by turns, and the better run of each counts: what the machine does besides makes either slower. One more run
/// of the tool goes before all others: a broker that was just started still compiles its own code.
pub(crate) async fn against_kafkas_own_producer(servers: &Servers) -> Result<Row> {
    for topic in OURS.into_iter().chain([THEIRS]) {
        kafka_tools::make_topic(&servers.kafka, topic, PARTITIONS).await?;
    }
    let load = Load { topic: THEIRS, records: EVENTS, bytes: BYTES };
    kafka_tools::records_per_second(&servers.kafka, Load { records: 2 * EVENTS, ..load }).await?;
    let (mut drained, mut produced) = ([0.0; OURS.len()], [0.0; OURS.len()]);
    for (round, name) in OURS.into_iter().enumerate() {
        produced[round] = kafka_tools::records_per_second(&servers.kafka, load).await?;
        drained[round] = drain(servers, name).await?.per_second();
    }

    let better = |rates: [f64; OURS.len()]| rates.into_iter().fold(0.0, f64::max);
    let share = 100.0 * better(drained) / better(produced);
    let detail =
        format!("{EVENTS} events at {drained:.0?}/s; kafka-producer-perf-test at {produced:.0?}/s; the better of each");
    Ok(Row::new("relay drain", share, "% of tool", Target::AtLeast(80.0), detail))
}

/// From the start of the bus until the checkpoint behind the last event is stored, which is after its acknowledgement.
async fn drain(servers: &Servers, name: &str) -> Result<Work> {
    let database = servers.outbox(name).await?;
    let filler = servers.open_to_fill(name).await?;
    let last = store::fill_outbox(&filler, EVENTS).await?;
    filler.close().await?;
    let bus = Bus::open(&servers.bus(name), database.clone(), Vec::new()).await?;

    let begun = Instant::now();
    let running = RunningBus::start(bus).with_upkeep(&servers.sources);
    while store::relayed(&database).await? < last {
        ensure!(begun.elapsed() < TIMEOUT, "the relay does not come to an end");
        servers.sources.sleep(POLL_INTERVAL).await;
    }
    let took = begun.elapsed();
    running.stop().await;
    database.close().await?;
    Ok(Work { done: EVENTS.into(), took })
}
