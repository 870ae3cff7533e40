//! `topics`: what waits on each topic, how far each consumer is, and how one is taken back.

use bus::dead_letters::RunMode;
use bus::rewind::{self, Rewound};
use bus::{Bus, BusUrl, TopicStatus};

use crate::command_line::{Rewind, Topics, TopicsChange};
use crate::error::Result;
use crate::services::Services;
use crate::terminal::{Format, say, say_json, say_table};

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, topics: Topics) -> Result<()> {
    match topics.change {
        None => show(invocation, topics.listing.format()).await,
        Some(TopicsChange::Rewind(wanted)) => take_back(invocation, wanted).await,
    }
}

async fn take_back(invocation: &Invocation, wanted: Rewind) -> Result<()> {
    let Rewind { consumer, since, service, dry_run, listing } = wanted;
    let services = service.map_or_else(Services::all, |service| Services::chosen(&[service]));
    let settings = invocation.settings_of(services)?;
    let database = invocation.context(&settings).await?.database;
    let run = if dry_run { RunMode::Dry } else { RunMode::Real };
    let rewound = rewind::rewind(&settings.state.bus, &database, &consumer, since, run).await;
    database.close().await?;
    let rewound = rewound?;
    if listing.format() == Format::Json {
        return say_json(&rewound);
    }
    let row =
        |step: &Rewound| [step.topic.clone(), step.partition.to_string(), step.from.to_string(), step.to.to_string()];
    say_table(["TOPIC", "PARTITION", "FROM", "TO"], &rewound.iter().map(row).collect::<Vec<_>>())?;
    let events: i64 = rewound.iter().map(|step| step.from - step.to).sum();
    say(&match run {
        RunMode::Real => format!("{events} events will be given to {consumer} once more."),
        RunMode::Dry => format!("{events} events would be given to {consumer} once more; nothing was changed."),
    })
}

async fn show(invocation: &Invocation, format: Format) -> Result<()> {
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
