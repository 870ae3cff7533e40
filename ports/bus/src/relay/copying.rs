//! One turn of a relay: from its checkpoint on, until it is stopped or anything goes wrong.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use database::{Connection, Database, Result};
use futures_util::future::{BoxFuture, FutureExt, OptionFuture};
use sea_orm::DbBackend;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, Interval, interval};
use tokio_util::sync::CancellationToken;

use super::held::{Attempt, Held};
use super::publish::Report;
use super::{Interruption, Lease, NAME, Publish, PublishError, Receipt};
use crate::announced::Subject;
use crate::delivery::Delivery;
use crate::log::{self, Batch};
use crate::model::relay::{Relaying, Ticket};
use crate::model::{Cause, Refusal};
use crate::source::Arrival;
use crate::store::dead_letter::{self, Buried};
use crate::store::held;
use crate::store::inbox::{self, Entry};
use crate::store::outbox::{self, Wanted};
use crate::store::position;

/// Rows read at once: the most of these whose payloads are likely to fit into a batch.
const BATCHES: [u64; 3] = [2_000, 200, 20];
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Rows on their way at a time, and how long their payloads may be together before no more are read.
const WINDOW: usize = 10_000;
const WINDOW_BYTES: usize = 16 * 1024 * 1024;
/// How long what is acknowledged may go without a checkpoint: that much is sent again after a crash.
const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(100);
/// How often the lease is asked for while there is nothing to store: who never asks loses it.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// How soon a row is seen that another process recorded, while there are some.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// The same while there are none, or where no other process should record anything.
const QUIET_POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long after the last row there are some.
const QUIET_DELAY: Duration = Duration::from_secs(1);
/// How long a relay that stops waits for what is on its way.
const STOP_GRACE: Duration = Duration::from_secs(2);
/// The same for one that can't go on: what is lost is reported at once then.
pub(super) const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// A relay at work.
///
/// Its pace is set by real time, not by the clock of the platform: it is about load, and decides nothing.
pub(super) struct Copying<'a, P> {
    database: &'a Database,
    publisher: &'a P,
    progress: &'a watch::Sender<u64>,
    lease: Lease,
    relaying: Relaying,
    receipts: UnboundedSender<Report>,
    reports: UnboundedReceiver<Report>,
    reading: Option<BoxFuture<'a, Result<Batch>>>,
    /// How many rows are read next.
    limit: u64,
    /// Topics that refuse their events at present: those go into a table of their own.
    holding: BTreeSet<String>,
    /// Those of them with an attempt at work.
    trying: BTreeSet<String>,
    /// Attempts to send what stands there, one for each topic of which anything does. They write while this turn does, so that
    /// neither may wait for the other.
    attempts: JoinSet<(Held<P>, Result<Attempt>)>,
    /// Turns that ended before anything could be checkpointed.
    fruitless: &'a AtomicU32,
    /// Whether rows may stand in the log that nobody has read.
    may_find_more: bool,
    announced: watch::Receiver<u64>,
    ticks: Interval,
    last_row: Instant,
    last_checkpoint: Instant,
    last_heartbeat: Instant,
}

impl<'a, P: Publish> Copying<'a, P> {
    pub(super) fn begin(
        (database, publisher): (&'a Database, &'a P),
        (progress, fruitless): (&'a watch::Sender<u64>, &'a AtomicU32),
        lease: Lease,
        relaying: Relaying,
    ) -> Self {
        let now = Instant::now();
        let (receipts, reports) = mpsc::unbounded_channel();
        Self {
            database,
            publisher,
            progress,
            lease,
            relaying,
            receipts,
            reports,
            reading: None,
            limit: BATCHES[1],
            holding: BTreeSet::new(),
            trying: BTreeSet::new(),
            attempts: JoinSet::new(),
            fruitless,
            may_find_more: true,
            announced: Subject::Recorded.of(database),
            ticks: interval(POLL_INTERVAL),
            last_row: now,
            last_checkpoint: now,
            last_heartbeat: now,
        }
    }

    /// Copies until `stop` or a fault; what is acknowledged by then need not be sent again. `refusing` are topics that were seen
    /// to refuse their events.
    pub(super) async fn run(
        mut self,
        refusing: BTreeSet<String>,
        stop: &CancellationToken,
    ) -> Result<(), Interruption> {
        self.hold(refusing).await?;
        match self.copy(stop).await {
            Ok(()) => self.flush(STOP_GRACE).await,
            Err(Interruption::LostLease) => Err(Interruption::LostLease),
            Err(interruption) => {
                let flushed = self.flush(FLUSH_TIMEOUT).await;
                Err(match (interruption, flushed) {
                    // Why everything was given up stands in another report than the first one.
                    (Interruption::Fatal(_), Err(refusal @ Interruption::TopicRefuses { .. })) => refusal,
                    (interruption, _) => interruption,
                })
            }
        }
    }

    /// From now on events of `refusing` are held, and so are those of topics of which any are.
    async fn hold(&mut self, refusing: BTreeSet<String>) -> Result<()> {
        self.holding = refusing;
        for topic in held::topics(self.database).await? {
            self.holding.insert(topic.clone());
            self.attempt(topic);
        }
        Ok(())
    }

    fn attempt(&mut self, topic: String) {
        if self.trying.insert(topic.clone()) {
            let held = Held::new(topic, self.database.clone(), self.publisher.one_at_a_time());
            self.attempts.spawn(held.attempt());
        }
    }

    async fn copy(&mut self, stop: &CancellationToken) -> Result<(), Interruption> {
        loop {
            self.read_on();
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                Some(report) = self.reports.recv() => self.take_reports(report).await?,
                Some(batch) = OptionFuture::from(self.reading.as_mut()) => {
                    self.reading = None;
                    self.send(batch?).await?;
                }
                Some(ended) = self.attempts.join_next() => self.take_attempt(ended).await?,
                _ = self.announced.changed() => self.may_find_more = true,
                _ = self.ticks.tick() => self.tick().await?,
            }
        }
    }

    fn read_on(&mut self) {
        let has_room = self.relaying.on_their_way() + BATCHES[0] as usize <= WINDOW
            && self.relaying.bytes_on_their_way() < WINDOW_BYTES;
        if self.may_find_more && has_room && self.reading.is_none() {
            // Seen before the poll, so that a commit behind it is another poll's.
            self.announced.borrow_and_update();
            self.may_find_more = false;
            let (database, mark, limit) = (self.database, self.relaying.next_read().clone(), self.limit);
            let read = async move { log::read(database, &mark, Wanted { topic: None, limit }).await };
            self.reading = Some(read.boxed());
        }
    }

    async fn send(&mut self, batch: Batch) -> Result<(), Interruption> {
        if self.relaying.next_read().is_of_another_server(&batch.end) {
            return Err(Interruption::LostLease);
        }
        if let Some(limit) = next_limit(&batch) {
            self.limit = limit;
            self.may_find_more = true;
            self.last_row = Instant::now();
        }
        let mut held = Vec::new();
        for arrival in &batch.arrivals {
            let ticket = self.relaying.send(batch.position_at(arrival.offset), arrival.delivery.payload.bytes().len());
            if self.holding.contains(&arrival.delivery.topic) {
                held.push((ticket, arrival.clone()));
            } else {
                self.publisher.send(arrival, Receipt::new(ticket, arrival.offset, &self.receipts));
            }
        }
        self.relaying.read_to(batch.end);
        self.hold_back(held).await
    }

    /// Lets `arrivals` wait for their topics, as long as it is our turn.
    async fn hold_back(&mut self, arrivals: Vec<(Ticket, Arrival)>) -> Result<(), Interruption> {
        if arrivals.is_empty() {
            return Ok(());
        }
        let (tickets, arrivals): (Vec<_>, Vec<_>) = arrivals.into_iter().unzip();
        let tx = self.database.begin_write().await?;
        if !position::is_current(&tx, (NAME, position::ALL_TOPICS), self.lease.epoch).await? {
            return Err(Interruption::LostLease);
        }
        held::insert(&tx, &arrivals).await?;
        tx.commit().await?;
        for (ticket, arrival) in tickets.into_iter().zip(arrivals) {
            self.relaying.done(ticket);
            self.attempt(arrival.delivery.topic);
        }
        Ok(())
    }

    async fn take_attempt(
        &mut self,
        ended: std::result::Result<(Held<P>, Result<Attempt>), JoinError>,
    ) -> Result<(), Interruption> {
        // Nobody cancels one but the end of this turn.
        let (held, attempt) = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        match attempt? {
            Attempt::Refused(reason) => {
                self.publisher.note_refusal(&held.topic, Some(&reason));
                self.attempts.spawn(held.attempt());
            }
            // Only this turn lets events wait here, and it does nothing else meanwhile.
            Attempt::Emptied if held::first(self.database, &held.topic, 1).await?.is_empty() => {
                self.publisher.note_refusal(&held.topic, None);
                self.holding.remove(&held.topic);
                self.trying.remove(&held.topic);
                tracing::info!(topic = held.topic, "a topic takes its events again");
                self.progress.send_modify(|count| *count += 1);
            }
            Attempt::Emptied => drop(self.attempts.spawn(held.attempt())),
        }
        Ok(())
    }

    /// Takes `report` and all others that are there.
    async fn take_reports(&mut self, report: Report) -> Result<(), Interruption> {
        let (mut next, mut published) = (Some(report), 0);
        while let Some(Report { ticket, offset, outcome }) = next {
            match outcome {
                Ok(()) => published += 1,
                Err(PublishError::Refused(reason)) => {
                    let Arrival { delivery, .. } = outbox::at(self.database, offset).await?;
                    bury(self.database, &delivery, &reason).await?;
                }
                Err(PublishError::TopicRefuses(reason)) => {
                    let topic = outbox::at(self.database, offset).await?.delivery.topic;
                    return Err(Interruption::TopicRefuses { topic, reason });
                }
                Err(PublishError::Fatal(reason)) => return Err(Interruption::Fatal(reason)),
            }
            self.relaying.done(ticket);
            next = self.reports.try_recv().ok();
        }
        metrics::counter!("bus_relay_published_total").increment(published);
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), Interruption> {
        if self.last_checkpoint.elapsed() >= CHECKPOINT_INTERVAL {
            self.checkpoint().await?;
        }
        let records_elsewhere = self.database.get_database_backend() == DbBackend::Postgres;
        let is_busy = records_elsewhere && self.last_row.elapsed() < QUIET_DELAY;
        self.ticks.reset_after(if is_busy { POLL_INTERVAL } else { QUIET_POLL_INTERVAL });
        self.may_find_more = true;
        Ok(())
    }

    /// Stores up to where all is acknowledged, as long as it is our turn.
    async fn checkpoint(&mut self) -> Result<(), Interruption> {
        self.last_checkpoint = Instant::now();
        let Some(mark) = self.relaying.next_checkpoint().cloned() else {
            let is_asked = self.last_heartbeat.elapsed() < HEARTBEAT_INTERVAL;
            return if is_asked { Ok(()) } else { self.confirm_lease().await };
        };
        self.confirm_lease().await?;
        let tx = self.database.begin_write().await?;
        if !position::advance(&tx, (NAME, position::ALL_TOPICS), &mark, self.lease.epoch).await? {
            return Err(Interruption::LostLease);
        }
        tx.commit().await.map_err(Interruption::Database)?;
        self.relaying.checkpointed(mark);
        self.fruitless.store(0, Ordering::Relaxed);
        self.progress.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn confirm_lease(&mut self) -> Result<(), Interruption> {
        self.last_heartbeat = Instant::now();
        if self.lease.lock.is_held().await { Ok(()) } else { Err(Interruption::LostLease) }
    }

    /// Waits for what is on its way, for as long as `timeout` lasts, and stores up to where all is acknowledged, so that the
    /// next turn need not send that again.
    async fn flush(&mut self, timeout: Duration) -> Result<(), Interruption> {
        let deadline = Instant::now() + timeout;
        let (mut lost, mut refusal) = (0, Ok(()));
        while self.relaying.on_their_way() > lost
            && Instant::now() < deadline
            && let Ok(Some(report)) = tokio::time::timeout_at(deadline, self.reports.recv()).await
        {
            let is_known_refusal = matches!(report.outcome, Err(PublishError::TopicRefuses(_))) && refusal.is_err();
            if is_known_refusal {
                lost += 1;
                continue;
            }
            match self.take_reports(report).await {
                Err(refused @ Interruption::TopicRefuses { .. }) => (lost, refusal) = (lost + 1, Err(refused)),
                Err(Interruption::Fatal(_)) => lost += 1,
                taken => taken?,
            }
        }
        self.checkpoint().await?;
        refusal
    }
}

/// How many rows to read after `batch`, if there were any in it.
fn next_limit(batch: &Batch) -> Option<u64> {
    let bytes: usize = batch.arrivals.iter().map(|arrival| arrival.delivery.payload.bytes().len()).sum();
    let mean = bytes.checked_div(batch.arrivals.len())?;
    let fits = |limit: &u64| usize::try_from(*limit).is_ok_and(|rows| rows * mean <= BATCH_BYTES);
    Some(BATCHES.into_iter().find(fits).unwrap_or(BATCHES[2]))
}

/// Makes an event that can never be sent a dead letter. One that was sent again after a crash is one already.
pub(super) async fn bury(database: &Database, delivery: &Delivery, reason: &str) -> Result<()> {
    let tx = database.begin_write().await?;
    tracing::error!(topic = delivery.topic, event_id = %delivery.id, reason, "an event can't be relayed");
    if inbox::set_aside_new(&tx, Entry { consumer: NAME, event: delivery.id }).await? {
        let cause = Cause::Refused(Refusal::Unpublishable);
        dead_letter::insert(&tx, NAME, delivery, Buried { cause, attempts: 1, reason }).await?;
        tx.commit().await?;
    }
    Ok(())
}
