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
const OURS: &str = "relay_drain";
const THEIRS: &str = "relay_drain_peer";
/// Between two looks at how far the relay is.
const LOOK: Duration = Duration::from_millis(10);
const PATIENCE: Duration = Duration::from_secs(300);

/// The tool runs before and after us, and its better run counts. One more run of it goes before all others: a broker that
/// was just started still compiles its own code.
pub(crate) async fn against_kafkas_own_producer(servers: &Servers) -> Result<Row> {
    for topic in [OURS, THEIRS] {
        kafka_tools::make_topic(&servers.kafka, topic, PARTITIONS).await?;
    }
    let load = Load { topic: THEIRS, records: EVENTS, bytes: BYTES };
    kafka_tools::records_per_second(&servers.kafka, Load { records: 2 * EVENTS, ..load }).await?;
    let before = kafka_tools::records_per_second(&servers.kafka, load).await?;
    let drained = drain(servers).await?.per_second();
    let after = kafka_tools::records_per_second(&servers.kafka, load).await?;

    let share = 100.0 * drained / before.max(after);
    let detail = format!(
        "{EVENTS} events at {drained:.0}/s; the better of kafka-producer-perf-test before and after, \
         {before:.0}/s and {after:.0}/s"
    );
    Ok(Row::new("relay drain", share, "% of tool", Target::AtLeast(80.0), detail))
}

/// From the start of the bus until the checkpoint behind the last event is stored, which is after its acknowledgement.
async fn drain(servers: &Servers) -> Result<Work> {
    let database = servers.outbox(OURS).await?;
    let filler = servers.open_to_fill(OURS).await?;
    let last = store::fill_outbox(&filler, EVENTS).await?;
    filler.close().await?;
    let bus = Bus::open(&servers.bus(OURS), database.clone(), Vec::new()).await?;

    let begun = Instant::now();
    let running = RunningBus::start(bus).with_upkeep(&servers.sources);
    while store::relayed(&database).await? < last {
        ensure!(begun.elapsed() < PATIENCE, "the relay does not come to an end");
        servers.sources.sleep(LOOK).await;
    }
    let took = begun.elapsed();
    running.stop().await;
    database.close().await?;
    Ok(Work { done: EVENTS.into(), took })
}
