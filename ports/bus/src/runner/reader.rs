//! Takes arrivals from the source, those of one key one after the other, and acknowledges what the consumer took charge of.

use std::hash::{DefaultHasher, Hash, Hasher};

use database::Connection;
use futures_util::future::join_all;
use sea_orm::DbBackend;
use tokio_util::sync::CancellationToken;

use super::work::Case;
use super::{Patience, Stopped, Worker};
use crate::source::{Arrival, Source};

/// How many events are worked on at a time where many write at once: together they wait for the disk once. Few enough to
/// leave connections to everybody else.
const LANES: usize = 4;

/// Arrivals that are worked on one after the other, each with its place among all.
type Lane<'a> = Vec<(usize, &'a Arrival)>;

impl Worker {
    /// Reads until `stop`; finishes the event at hand, acknowledges and leaves before it returns.
    pub(crate) async fn read(&self, stop: &CancellationToken) {
        let mut source = self.source.lock().await;
        self.read_from(source.as_mut(), stop).await;
        source.leave().await;
    }

    async fn read_from(&self, source: &mut dyn Source, stop: &CancellationToken) {
        let mut patience = Patience::default();
        while let Some(received) = stop.run_until_cancelled(source.receive()).await {
            let taken = match received {
                Ok(arrivals) => {
                    patience = Patience::default();
                    self.take(source, &arrivals, stop).await
                }
                Err(error) => patience.wait(self, &error, stop).await,
            };
            if let Err(Stopped) = taken {
                return;
            }
        }
    }

    async fn take(
        &self,
        source: &mut dyn Source,
        arrivals: &[Arrival],
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let writes_at_once = self.database.get_database_backend() == DbBackend::Postgres;
        let lanes = lanes(arrivals, if writes_at_once { LANES } else { 1 });
        let left = join_all(lanes.iter().map(|lane| self.work_through(lane, stop))).await;
        // What was done behind the first one that was left is delivered again, and the inbox knows it.
        let taken = left.into_iter().flatten().min().unwrap_or(arrivals.len());
        let acknowledged = self.acknowledge(source, &arrivals[..taken], stop).await;
        self.has_progressed();
        acknowledged
    }

    /// Works on the arrivals of `lane` until `stop`, and tells the place of the first one that is left then.
    async fn work_through(&self, lane: &Lane<'_>, stop: &CancellationToken) -> Option<usize> {
        for (place, arrival) in lane {
            if stop.is_cancelled() || self.work_on(Case::arriving(&arrival.delivery), stop).await.is_err() {
                return Some(*place);
            }
        }
        None
    }

    /// When stopping, one try is enough: the inbox knows what is delivered again.
    async fn acknowledge(
        &self,
        source: &mut dyn Source,
        taken: &[Arrival],
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let mut patience = Patience::default();
        while let Err(error) = source.acknowledge(taken).await {
            patience.wait(self, &error, stop).await?;
        }
        Ok(())
    }
}

/// All `arrivals` in up to `count` lanes, in each in their order; those of one key share one.
fn lanes(arrivals: &[Arrival], count: usize) -> Vec<Lane<'_>> {
    let mut lanes = vec![Lane::new(); count];
    for (place, arrival) in arrivals.iter().enumerate() {
        lanes[lane_of(&arrival.delivery.key, count)].push((place, arrival));
    }
    lanes
}

fn lane_of(key: &str, count: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let [.., last] = hasher.finish().to_be_bytes();
    usize::from(last) % count
}

#[cfg(test)]
mod tests {
    use clock::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::delivery::{Delivery, Payload};

    fn arrival(key: &str) -> Arrival {
        let delivery = Delivery {
            id: Uuid::nil(),
            event_type: String::new(),
            topic: "noted".to_owned(),
            key: key.to_owned(),
            payload: Payload::Plain(Vec::new()),
            traceparent: None,
            recorded_at: Timestamp::UNIX_EPOCH,
        };
        Arrival { offset: 0, delivery }
    }

    #[test]
    fn arrivals_of_one_key_share_a_lane_in_their_order() {
        let arrivals: Vec<Arrival> = (0..60).map(|number| arrival(["a", "b", "c", "d", "e"][number % 5])).collect();

        let lanes = lanes(&arrivals, LANES);

        assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), arrivals.len());
        assert!(
            lanes.iter().filter(|lane| !lane.is_empty()).count() > 1,
            "different keys need not wait for each other"
        );
        for lane in &lanes {
            assert!(lane.is_sorted_by_key(|(place, _)| *place));
        }
        for key in ["a", "b", "c", "d", "e"] {
            let has_key = |lane: &&Lane<'_>| lane.iter().any(|(_, arrival)| arrival.delivery.key == key);
            assert_eq!(lanes.iter().filter(has_key).count(), 1);
        }
    }
}
