//! Those who watch their orders, and what they see.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clock::Sources;
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::steps::StepMade;
use super::{OrderState, STREAMS_OF_A_DINER};
use crate::diner::Diner;
use crate::event_stream::{EventStream, StreamEvent};

/// How long it may take until a stream says how everything stands, and until it has shown the last step.
const TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Before a stream that has ended is asked for again, so that all do not come at once, as the server asks for.
const RETRY_DELAY: Duration = Duration::from_millis(2_500);
/// Every tenth does not read what it is sent until the end.
const SWIFT_FOR_A_SLOW_ONE: usize = 9;

/// Streams that are open.
pub(super) struct Watchers(Vec<Watcher>);

/// A stream of a diner, and what it takes to ask for it again.
struct Watcher {
    diner: usize,
    asks: Asks,
    stream: EventStream,
    last_id: String,
    is_slow: bool,
}

/// How a stream is asked for.
#[derive(Clone)]
struct Asks {
    http: reqwest::Client,
    url: String,
    bearer: String,
    network: String,
}

/// The same while what they see is written down.
pub(super) struct Watching {
    streams: JoinSet<Seen>,
    progress: Arc<Progress>,
}

/// What the streams are to do, and what came of it so far.
#[derive(Default)]
struct Progress {
    states: AtomicU64,
    /// How many streams came again.
    returned: AtomicU64,
    /// The slow ones begin to read.
    hurried: CancellationToken,
    ended: CancellationToken,
}

/// What was seen on a stream.
pub(super) struct Seen {
    pub(super) diner: usize,
    /// It read nothing until the end.
    pub(super) is_slow: bool,
    /// The versions of each order, with when they came.
    orders: HashMap<Uuid, Vec<(i64, Instant)>>,
    /// Why it could not be asked for again.
    pub(super) broken: Option<anyhow::Error>,
}

/// How everything stands.
#[derive(Deserialize)]
struct Snapshot {
    orders: Vec<OrderState>,
}

impl Watchers {
    /// The streams of a diner, where there are so many in all.
    pub(super) fn of_diner(diner: usize, streams: usize) -> Range<usize> {
        let first = diner * STREAMS_OF_A_DINER;
        first..streams.min(first + STREAMS_OF_A_DINER)
    }

    /// How many of them read what they are sent.
    pub(super) fn swift(streams: usize) -> u64 {
        (streams - streams / (SWIFT_FOR_A_SLOW_ONE + 1)) as u64
    }

    /// Opens so many, and waits until each has said how everything stands. Those of a diner are opened together.
    pub(super) async fn open(url: &str, diners: &[Diner], streams: usize) -> Result<Self> {
        // Without a limit of time: it would end the streams.
        let http = reqwest::Client::builder().connect_timeout(TIMEOUT).build()?;
        let mut open = Vec::with_capacity(streams);
        for (number, diner) in diners.iter().enumerate() {
            let mut opening = JoinSet::new();
            let network = format!("11.{}.{}.7", number / 256, number % 256);
            let asks =
                Asks { http: http.clone(), url: format!("{url}/carts/orders/live"), bearer: diner.bearer(), network };
            for place in Self::of_diner(number, streams) {
                let asks = asks.clone();
                opening.spawn(async move {
                    let (stream, first) = asks.open("").await?;
                    ensure!(first.name == "snapshot", "a stream began with {:?}", first.name);
                    let is_slow = place % (SWIFT_FOR_A_SLOW_ONE + 1) == SWIFT_FOR_A_SLOW_ONE;
                    Ok(Watcher { diner: number, asks, stream, last_id: first.id, is_slow })
                });
            }
            while let Some(stream) = timeout(TIMEOUT, opening.join_next()).await.context("a stream says nothing")? {
                open.push(stream??);
            }
        }
        Ok(Self(open))
    }

    /// Begins to write down what is seen.
    pub(super) fn watch(self) -> Watching {
        let progress = Arc::<Progress>::default();
        let streams = self.0.into_iter().map(|watcher| watcher.watch(Arc::clone(&progress))).collect();
        Watching { streams, progress }
    }
}

impl Asks {
    /// The stream, with what it says first to somebody who left it at `last_id`.
    async fn open(&self, last_id: &str) -> Result<(EventStream, StreamEvent)> {
        let headers = [
            ("authorization", self.bearer.as_str()),
            ("x-forwarded-for", self.network.as_str()),
            ("last-event-id", last_id),
        ];
        let mut stream = EventStream::open(&self.http, &self.url, &headers).await?;
        let first = stream.next().await?;
        Ok((stream, first))
    }
}

impl Watching {
    /// Returns when so many states of orders were seen or nothing more comes.
    pub(super) async fn has_seen(&self, expected: u64) {
        self.reaches(&self.progress.states, expected).await;
    }

    /// How many streams have come again, once that are so many or no more come.
    pub(super) async fn has_returned(&self, expected: u64) -> u64 {
        self.reaches(&self.progress.returned, expected).await;
        self.progress.returned.load(Ordering::Relaxed)
    }

    async fn reaches(&self, count: &AtomicU64, expected: u64) {
        let (sources, deadline) = (Sources::system(), Instant::now() + TIMEOUT);
        while count.load(Ordering::Relaxed) < expected && Instant::now() < deadline {
            sources.sleep(POLL_INTERVAL).await;
        }
    }

    /// What was seen, once that are so many states of orders or nothing more comes; the slow ones read first.
    pub(super) async fn end(mut self, expected: u64) -> Result<Vec<Seen>> {
        self.progress.hurried.cancel();
        self.has_seen(expected).await;
        self.progress.ended.cancel();
        let mut seen = Vec::with_capacity(self.streams.len());
        while let Some(stream) = self.streams.join_next().await {
            seen.push(stream?);
        }
        Ok(seen)
    }
}

impl Watcher {
    async fn watch(mut self, progress: Arc<Progress>) -> Seen {
        let mut seen = Seen { diner: self.diner, is_slow: self.is_slow, orders: HashMap::new(), broken: None };
        if self.is_slow {
            progress.hurried.cancelled().await;
        }
        while let Some(next) = progress.ended.run_until_cancelled(self.next(&progress)).await {
            match next.and_then(|event| seen.take(&event)) {
                Ok(count) => drop(progress.states.fetch_add(count, Ordering::Relaxed)),
                Err(error) => {
                    seen.broken = Some(error);
                    break;
                }
            }
        }
        seen
    }

    /// The next event, of the stream that is asked for again where this one has ended.
    async fn next(&mut self, progress: &Progress) -> Result<StreamEvent> {
        let event = match self.stream.next().await {
            Ok(event) => event,
            Err(_) => self.come_again(progress).await?,
        };
        if !event.id.is_empty() {
            self.last_id.clone_from(&event.id);
        }
        Ok(event)
    }

    async fn come_again(&mut self, progress: &Progress) -> Result<StreamEvent> {
        let (sources, deadline) = (Sources::system(), Instant::now() + TIMEOUT);
        loop {
            sources.sleep(RETRY_DELAY.mul_f64(sources.fraction())).await;
            match self.asks.open(&self.last_id).await {
                Ok((stream, first)) => {
                    self.stream = stream;
                    progress.returned.fetch_add(1, Ordering::Relaxed);
                    return Ok(first);
                }
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {}
            }
        }
    }
}

impl Seen {
    /// Writes down the orders in `event`, and says how many those are.
    fn take(&mut self, event: &StreamEvent) -> Result<u64> {
        let at = Instant::now();
        let states = match event.name.as_str() {
            "order" => vec![serde_json::from_str(&event.data)?],
            // The stream has lost its place, or is another one, and says how everything stands.
            "snapshot" => serde_json::from_str::<Snapshot>(&event.data)?.orders,
            _ => Vec::new(),
        };
        for OrderState { public_id, version } in &states {
            self.orders.entry(*public_id).or_default().push((*version, at));
        }
        Ok(states.len() as u64)
    }

    /// How many orders it does not show as they became in the end.
    pub(super) fn behind(&self, made: &[StepMade]) -> u64 {
        let own = made.iter().filter(|step| step.diner == self.diner).map(|step| step.order);
        let last: HashMap<Uuid, i64> = own.fold(HashMap::new(), |mut last, order| {
            let version = last.entry(order.public_id).or_default();
            *version = order.version.max(*version);
            last
        });
        let shown = |id: &Uuid| self.orders.get(id).and_then(|versions| versions.last()).map(|(version, _)| *version);
        last.iter().filter(|(id, version)| shown(id) != Some(**version)).count() as u64
    }

    /// When `order` was seen as it was then, or as it was later.
    pub(super) fn when(&self, order: OrderState) -> Option<Instant> {
        let versions = self.orders.get(&order.public_id)?;
        versions.iter().find(|(version, _)| *version >= order.version).map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_state_shows_the_steps_before_it() {
        let id = Uuid::from_u128(7);
        let mut seen = Seen { diner: 0, is_slow: false, orders: HashMap::new(), broken: None };
        let data = format!(r#"{{"public_id":"{id}","status":"preparing","version":3}}"#);
        let event = StreamEvent { name: "order".to_owned(), id: "a1".to_owned(), data };

        let states = seen.take(&event).unwrap();

        let is_seen = |version| seen.when(OrderState { public_id: id, version }).is_some();
        assert_eq!((states, is_seen(2), is_seen(3), is_seen(4)), (1, true, true, false));
    }

    #[test]
    fn each_stream_is_of_one_diner() {
        let streams: Vec<usize> = (0..3).flat_map(|diner| Watchers::of_diner(diner, 50)).collect();

        assert_eq!(streams, (0..50).collect::<Vec<_>>());
        assert_eq!(Watchers::of_diner(2, 50).len(), 10);
    }
}
