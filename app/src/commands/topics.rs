//! `topics`: what waits on each topic, and how far each consumer is.

use bus::{Bus, BusUrl, TopicStatus};

use crate::error::Result;
use crate::terminal::{Format, say_json, say_table};

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, format: Format) -> Result<()> {
    let database = invocation.database(bus::MIGRATIONS).await?;
    let status = Bus::open(&BusUrl::Embedded, database.clone(), Vec::new()).await?.status().await?;
    database.close().await?;
    match format {
        Format::Json => say_json(&status.topics),
        Format::Table => {
            let rows: Vec<_> = status.topics.iter().flat_map(rows).collect();
            say_table(["TOPIC", "DEPTH", "OLDEST", "CONSUMER", "LAG", "LAG TIME", "PARKED KEYS"], &rows)
        }
    }
}

/// One line per consumer; one without a consumer for a topic that nobody here reads.
fn rows(topic: &TopicStatus) -> Vec<[String; 7]> {
    let head = [topic.topic.clone(), topic.depth.to_string(), seconds(topic.oldest_seconds)];
    let line = |[consumer, lag, behind, parked]: [String; 4]| {
        let [name, depth, oldest] = head.clone();
        [name, depth, oldest, consumer, lag, behind, parked]
    };
    if topic.consumers.is_empty() {
        return vec![line(["-"; 4].map(str::to_owned))];
    }
    let consumers = topic.consumers.iter().map(|consumer| {
        let (records, behind) = match consumer.lag {
            Some(lag) => (lag.records.to_string(), seconds(lag.seconds)),
            None => ("?".to_owned(), "?".to_owned()),
        };
        line([consumer.consumer.clone(), records, behind, consumer.parked_keys.to_string()])
    });
    consumers.collect()
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1}s")
}
