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

use super::{OrderState, STREAMS_OF_A_DINER};
use crate::diner::Diner;
use crate::event_stream::{EventStream, StreamEvent};

/// How long it may take until a stream says how everything stands, and until it has shown the last step.
const TIMEOUT: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Streams that are open, each with the number of its diner.
pub(super) struct Watchers(Vec<(usize, EventStream)>);

/// The same while what they see is written down.
pub(super) struct Watching {
    streams: JoinSet<Seen>,
    states: Arc<AtomicU64>,
    ended: CancellationToken,
}

/// What was seen on a stream.
pub(super) struct Seen {
    pub(super) diner: usize,
    /// The versions of each order, with when they came.
    orders: HashMap<Uuid, Vec<(i64, Instant)>>,
    /// Why it ended before it was to.
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

    /// Opens so many, and waits until each has said how everything stands. Those of a diner are opened together.
    pub(super) async fn open(url: &str, diners: &[Diner], streams: usize) -> Result<Self> {
        // Without a limit of time: it would end the streams.
        let http = reqwest::Client::builder().connect_timeout(TIMEOUT).build()?;
        let mut open = Vec::with_capacity(streams);
        for (number, diner) in diners.iter().enumerate() {
            let mut opening = JoinSet::new();
            for _ in Self::of_diner(number, streams) {
                let (http, url, bearer) = (http.clone(), format!("{url}/carts/orders/live"), diner.bearer());
                let network = format!("11.{}.{}.7", number / 256, number % 256);
                opening.spawn(async move {
                    let headers = [("authorization", bearer.as_str()), ("x-forwarded-for", network.as_str())];
                    let mut stream = EventStream::open(&http, &url, &headers).await?;
                    let first = stream.next().await?;
                    ensure!(first.name == "snapshot", "a stream began with {:?}", first.name);
                    Ok(stream)
                });
            }
            while let Some(stream) = timeout(TIMEOUT, opening.join_next()).await.context("a stream says nothing")? {
                open.push((number, stream??));
            }
        }
        Ok(Self(open))
    }

    /// Begins to write down what is seen.
    pub(super) fn watch(self) -> Watching {
        let (states, ended) = (Arc::<AtomicU64>::default(), CancellationToken::new());
        let watch = |(diner, stream)| watch(diner, stream, Arc::clone(&states), ended.clone());
        Watching { streams: self.0.into_iter().map(watch).collect(), states, ended }
    }
}

impl Watching {
    /// What was seen, once that are so many states of orders or nothing more comes.
    pub(super) async fn end(self, expected: u64) -> Result<Vec<Seen>> {
        let Self { mut streams, states, ended } = self;
        let (sources, deadline) = (Sources::system(), Instant::now() + TIMEOUT);
        while states.load(Ordering::Relaxed) < expected && Instant::now() < deadline {
            sources.sleep(POLL_INTERVAL).await;
        }
        ended.cancel();
        let mut seen = Vec::with_capacity(streams.len());
        while let Some(stream) = streams.join_next().await {
            seen.push(stream?);
        }
        Ok(seen)
    }
}

async fn watch(diner: usize, mut stream: EventStream, states: Arc<AtomicU64>, ended: CancellationToken) -> Seen {
    let mut seen = Seen { diner, orders: HashMap::new(), broken: None };
    while let Some(event) = ended.run_until_cancelled(stream.next()).await {
        match event.and_then(|event| seen.take(&event)) {
            Ok(count) => drop(states.fetch_add(count, Ordering::Relaxed)),
            Err(error) => {
                seen.broken = Some(error);
                break;
            }
        }
    }
    seen
}

impl Seen {
    /// Writes down the orders in `event`, and says how many those are.
    fn take(&mut self, event: &StreamEvent) -> Result<u64> {
        let at = Instant::now();
        let states = match event.name.as_str() {
            "order" => vec![serde_json::from_str(&event.data)?],
            // The stream has lost its place, and says how everything stands.
            "snapshot" => serde_json::from_str::<Snapshot>(&event.data)?.orders,
            _ => Vec::new(),
        };
        for OrderState { public_id, version } in &states {
            self.orders.entry(*public_id).or_default().push((*version, at));
        }
        Ok(states.len() as u64)
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
        let mut seen = Seen { diner: 0, orders: HashMap::new(), broken: None };
        let data = format!(r#"{{"public_id":"{id}","status":"preparing","version":3}}"#);
        let event = StreamEvent { name: "order".to_owned(), data };

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
