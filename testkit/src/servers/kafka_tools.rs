//! Kafka's own tools, run on a broker of ours.

use std::io;
use std::num::NonZeroU32;

use tokio::process::Command;

use super::kafka::{KafkaServer, java};

/// What [`records_per_second`] sends.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// Where to.
    pub topic: &'a str,
    /// How many.
    pub records: u32,
    /// How long each value is.
    pub bytes: u32,
}

/// Makes `topic`.
///
/// # Errors
/// It is there already, or the tool can't be run.
pub async fn make_topic(kafka: &KafkaServer, topic: &str, partitions: NonZeroU32) -> io::Result<()> {
    let partitions = partitions.to_string();
    let wanted = ["--create", "--topic", topic, "--partitions", &partitions, "--bootstrap-server", &kafka.brokers()];
    run("org.apache.kafka.tools.TopicCommand", &wanted).await.map(drop)
}

/// Lets nobody write to `topic` any more, by the open door or the other one; it is read as before.
///
/// # Errors
/// The tool can't be run, or the broker does not answer.
pub async fn refuse_writes(kafka: &KafkaServer, topic: &str) -> io::Result<()> {
    // What has a rule at all is closed to whom no rule lets in.
    rule(kafka, &["--add", "--allow-principal", "User:*", "--operation", "All", "--topic", topic]).await?;
    rule(kafka, &["--add", "--deny-principal", "User:*", "--operation", "Write", "--topic", topic]).await
}

/// Lets everybody write to `topic` again.
///
/// # Errors
/// The tool can't be run, or the broker does not answer.
pub async fn accept_writes(kafka: &KafkaServer, topic: &str) -> io::Result<()> {
    rule(kafka, &["--remove", "--force", "--topic", topic]).await
}

async fn rule(kafka: &KafkaServer, rule: &[&str]) -> io::Result<()> {
    let brokers = kafka.brokers();
    let wanted = [&["--bootstrap-server", &brokers], rule].concat();
    run("org.apache.kafka.tools.AclCommand", &wanted).await.map(drop)
}

/// How fast `kafka-producer-perf-test` sends `load`, as fast as it can, each record acknowledged by all replicas and
/// compressed with LZ4.
///
/// # Errors
/// The tool can't be run, or does not say.
pub async fn records_per_second(kafka: &KafkaServer, load: Load<'_>) -> io::Result<f64> {
    let Load { topic, records, bytes } = load;
    let (records, bytes) = (records.to_string(), bytes.to_string());
    let brokers = format!("bootstrap.servers={}", kafka.brokers());
    let wanted = ["--topic", topic, "--num-records", &records, "--record-size", &bytes, "--throughput", "-1"];
    let settings = ["--producer-props", &brokers, "acks=all", "compression.type=lz4"];
    let output = run("org.apache.kafka.tools.ProducerPerformance", &[&wanted[..], &settings].concat()).await?;
    rate(&output).ok_or_else(|| io::Error::other(format!("the tool tells no rate: {output}")))
}

/// The last rate that the tool tells is that of the whole run.
fn rate(output: &str) -> Option<f64> {
    let (before, _) = output.rsplit_once(" records/sec")?;
    before.rsplit(' ').next()?.parse().ok()
}

async fn run(tool: &str, arguments: &[&str]) -> io::Result<String> {
    // Numbers are written as in English, whatever the machine speaks.
    let mut command = Command::from(java()?);
    let done = command.arg("-Duser.language=en").arg(tool).args(arguments).kill_on_drop(true).output().await?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() { Ok(said) } else { Err(io::Error::other(format!("{tool}: {said}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_whole_run() {
        let output = "350321 records sent, 70064.2 records/sec (20.05 MB/sec), 912.3 ms avg latency, 1210.0 ms max latency.\n\
            1000000 records sent, 78003.12 records/sec (22.32 MB/sec), 1071.50 ms avg latency, 1400.00 ms max latency, \
            1100 ms 50th, 1300 ms 95th, 1390 ms 99th, 1399 ms 99.9th.\n";

        assert_eq!(rate(output), Some(78_003.12));
        assert_eq!(rate("no records were sent"), None);
    }
}
