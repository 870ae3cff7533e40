//! How soon those who watch their orders see that one has moved, while very many watch, and what each of them costs the server;
//! and whether all of them see the last state when the server was started again meanwhile.
//!
//! Restaurants move orders over HTTP, a hundred a second. Of a step it is known when it was asked for and when it was answered; its
//! commit lies between both.

mod steps;
mod watchers;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use uuid::Uuid;

use crate::diner::Diner;
use crate::load::{Samples, count};
use crate::measures::orders::{Customer, Kitchen, make_owner, open_kitchens};
use crate::platform::Platform;
use crate::process::{allow_files, resident_megabytes};
use crate::report::{Row, Target};
use crate::store;
use steps::{STEPS, StepMade, make_steps};
use watchers::{Seen, Watchers, Watching};

/// Of each diner: a user may have twenty.
const STREAMS_OF_A_DINER: usize = 20;
const ORDERS: usize = 500;
/// How long the slowest hundredth may take, in milliseconds.
const MOST_WAIT: f64 = 200.0;
/// What a stream may take of the server, in kilobytes.
const MOST_MEMORY: f64 = 16.0;
/// How many of the steps of a second have to be made, so that it is that load.
const LEAST_STEPS: f64 = 95.0;
/// How long the server may take to end while all watch, in seconds, and then until all of them watch again.
const MOST_STOPPING: f64 = 5.0;
const MOST_RETURNING: f64 = 10.0;
/// Until the server has done what follows its work.
const QUIET: Duration = Duration::from_secs(5);
/// Files that a process needs beside its connections.
const OTHER_FILES: u64 = 1_024;

/// An order, as far as it is followed.
#[derive(Debug, Clone, Copy, Deserialize)]
struct OrderState {
    public_id: Uuid,
    version: i64,
}

/// An order with its diner, by the number of that.
#[derive(Debug, Clone, Copy)]
struct Placed {
    id: Uuid,
    diner: usize,
}

/// In one process on SQLite, with so many streams.
pub(crate) async fn embedded(binary: &Path, streams: usize) -> Result<Vec<Row>> {
    // Streams may be four fifths of all connections.
    let connections = streams as u64 * 5 / 4 + 256;
    allow_files(connections + OTHER_FILES)?;
    let mut platform = Platform::on(binary, vec![("HTTP_CONNECTIONS", connections.to_string())]).await?;
    let database = platform.database().await?;
    let mut diners = platform.diners(streams.div_ceil(STREAMS_OF_A_DINER) + 1).await?;
    let owner = make_owner(&database, diners.pop().context("nobody signed up")?).await?;
    open_kitchens(&database, &owner, &diners).await?;
    let (url, process) = (platform.server.url(""), platform.process_id()?);
    let orders = place(&url, &diners).await?;
    store::cart::renew_mailboxes(&database).await?;

    platform.sources.sleep(QUIET).await;
    let before = resident_megabytes(process)?;
    let watchers = Watchers::open(&url, &diners, streams).await?;
    platform.sources.sleep(QUIET).await;
    let after = resident_megabytes(process)?;
    let watching = watchers.watch();
    let (first, last) = STEPS.split_at(STEPS.len() / 2);
    let mut made = make_steps(&url, &owner.bearer(), &orders, first).await?;
    watching.has_seen(expected(&made, streams)).await;
    let worked = resident_megabytes(process)?;
    let restart = Restart::of(&mut platform, &watching, streams).await?;
    made.extend(make_steps(&url, &owner.bearer(), &orders, last).await?);
    let seen = watching.end(expected(&made, streams)).await?;
    let memory = (after - before) * 1_024.0 / count(streams as u64);
    let held =
        format!("{streams} streams: {after:.0} MB beside {before:.0} MB, {worked:.0} MB right after half of the steps");
    let mut rows = rows(&made, &seen)?;
    rows.push(Row::new("live: memory of a stream", memory, "KB", Target::AtMost(MOST_MEMORY), held));
    rows.extend(restart.rows());
    Ok(rows)
}

/// What it took to start the server again while all watch.
struct Restart {
    stopped: Duration,
    /// From its end on, until all who read watch again.
    returned: Duration,
    /// So many did.
    back: u64,
}

impl Restart {
    async fn of(platform: &mut Platform, watching: &Watching, streams: usize) -> Result<Self> {
        let begun = Instant::now();
        ensure!(platform.server.stop().await?.success(), "the server did not stop in order");
        let stopped = begun.elapsed();
        platform.server.start().await?;
        let back = watching.has_returned(Watchers::swift(streams)).await;
        Ok(Self { stopped, returned: begun.elapsed() - stopped, back })
    }

    fn rows(&self) -> [Row; 2] {
        let within = |seconds| Target::AtMost(seconds);
        let back = format!("{} who read; from its end on, its start included", self.back);
        [
            Row::new(
                "live: stop while all watch",
                self.stopped.as_secs_f64(),
                "s",
                within(MOST_STOPPING),
                String::new(),
            ),
            Row::new("live: all watch again", self.returned.as_secs_f64(), "s", within(MOST_RETURNING), back),
        ]
    }
}

/// Lets the diners order, one after the other, and answers their orders by turns, so that no step is of the same diner as the last.
async fn place(url: &str, diners: &[Diner]) -> Result<Vec<Placed>> {
    let mut orders = Vec::with_capacity(ORDERS);
    for (diner, somebody) in diners.iter().enumerate() {
        let mut customer = Customer::new(url, somebody, &Kitchen::new(diner), None).await?;
        for number in (diner..ORDERS).step_by(diners.len()) {
            let order: OrderState = serde_json::from_slice(&customer.check_out().await?)?;
            orders.push((number, Placed { id: order.public_id, diner }));
        }
    }
    ensure!(orders.len() == ORDERS, "{} orders were placed", orders.len());
    orders.sort_unstable_by_key(|(number, _)| *number);
    Ok(orders.into_iter().map(|(_, placed)| placed).collect())
}

/// How many messages the steps are to all streams together.
fn expected(made: &[StepMade], streams: usize) -> u64 {
    made.iter().map(|step| Watchers::of_diner(step.diner, streams).len() as u64).sum()
}

/// What was waited for the steps at all streams that are about them.
#[derive(Default)]
struct Waits {
    after_answer: Samples,
    after_asking: Samples,
    missing: u64,
}

impl Waits {
    /// A newer state of an order is as good as each step before it.
    fn of(made: &[StepMade], seen: &[Seen]) -> Self {
        let mut waits = Self::default();
        for stream in seen.iter().filter(|stream| !stream.is_slow) {
            for step in made.iter().filter(|step| step.diner == stream.diner) {
                let Some(at) = stream.when(step.order) else {
                    waits.missing += 1;
                    continue;
                };
                waits.after_answer.add(at.saturating_duration_since(step.answered));
                waits.after_asking.add(at.saturating_duration_since(step.asked));
            }
        }
        waits
    }
}

/// How many steps a second were made.
fn pace(made: &[StepMade]) -> Result<f64> {
    let begun = made.iter().map(|step| step.asked).min().context("no step was made")?;
    let ended = made.iter().map(|step| step.answered).max().context("no step was made")?;
    Ok(count(made.len() as u64) / ended.duration_since(begun).as_secs_f64())
}

fn rows(made: &[StepMade], seen: &[Seen]) -> Result<Vec<Row>> {
    let rate = pace(&made[..made.len() / 2])?.min(pace(&made[made.len() / 2..])?);
    let paced = format!("{} steps of {ORDERS} orders, {} each, on schedule", made.len(), STEPS.len());
    let waits = Waits::of(made, seen);
    let detail = format!(
        "p99 of {} at {} streams, median {:.1?}, worst {:.0?}; since the step was asked for p99 {:.1?}, median {:.1?}",
        waits.after_answer.len(),
        seen.len(),
        waits.after_answer.median()?,
        waits.after_answer.percentile(100)?,
        waits.after_asking.percentile(99)?,
        waits.after_asking.median()?
    );
    let p99 = waits.after_answer.percentile(99)?;
    let wrong = seen.iter().map(|stream| stream.behind(made)).sum();
    let slow = seen.iter().filter(|stream| stream.is_slow).count();
    let ends = format!("in the end, of all {} streams; {slow} of them read nothing until then", seen.len());
    let broken: Vec<&anyhow::Error> = seen.iter().filter_map(|stream| stream.broken.as_ref()).collect();
    let first = broken.first().map_or_else(String::new, |error| format!(", such as: {error:#}"));
    let due = waits.missing + waits.after_answer.len() as u64;
    let missing = format!("of {due} that were to be seen; {} streams ended{first}", broken.len());
    Ok(vec![
        Row::milliseconds("live: answered step to stream, p99", p99, MOST_WAIT, detail),
        Row::new("live: steps that streams did not show", count(waits.missing), "steps", Target::AtMost(0.0), missing),
        Row::new(
            "live: orders of which a stream shows an old state",
            count(wrong),
            "orders",
            Target::AtMost(0.0),
            ends,
        ),
        Row::new("live: steps a second", rate, "/s", Target::AtLeast(LEAST_STEPS), paced),
    ])
}
