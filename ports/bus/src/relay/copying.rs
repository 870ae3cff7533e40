//! One turn of a relay: from its checkpoint on, until it is stopped or anything goes wrong.

use std::time::Duration;

use database::{Connection, Database, Result};
use futures_util::future::{BoxFuture, FutureExt, OptionFuture};
use sea_orm::DbBackend;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, interval};
use tokio_util::sync::CancellationToken;

use super::publish::Report;
use super::{Interruption, Lease, NAME, Publish, PublishError, Receipt};
use crate::log::{self, Batch};
use crate::model::Cause;
use crate::model::relay::Relaying;
use crate::source::Arrival;
use crate::store::dead_letter::{self, Buried};
use crate::store::inbox::{self, Entry};
use crate::store::outbox::{self, Wanted};
use crate::store::position;

/// Rows read at once.
const BATCH: u64 = 2_000;
/// Rows on their way at a time.
const WINDOW: usize = 10_000;
/// How long what is acknowledged may go without a checkpoint: that much is sent again after a crash.
const CHECKPOINT: Duration = Duration::from_millis(100);
/// How often the lease is asked for while there is nothing to store: who never asks loses it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// How soon a row is seen that another process recorded, while there are some.
const POLL: Duration = Duration::from_millis(10);
/// The same while there are none, or where no other process should record anything.
const QUIET_POLL: Duration = Duration::from_millis(50);
/// How long after the last row there are some.
const QUIET: Duration = Duration::from_secs(1);
/// How long a relay that stops waits for what is on its way.
const FAREWELL: Duration = Duration::from_secs(2);

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
    /// Whether rows may stand in the log that nobody has read.
    may_find_more: bool,
    announcements: watch::Receiver<u64>,
    ticks: Interval,
    last_row: Instant,
    last_checkpoint: Instant,
    last_sign_of_life: Instant,
}

impl<'a, P: Publish> Copying<'a, P> {
    pub(super) fn begin(
        (database, publisher): (&'a Database, &'a P),
        progress: &'a watch::Sender<u64>,
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
            may_find_more: true,
            announcements: database.announcements(),
            ticks: interval(POLL),
            last_row: now,
            last_checkpoint: now,
            last_sign_of_life: now,
        }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), Interruption> {
        loop {
            self.read_on();
            tokio::select! {
                () = stop.cancelled() => return self.say_farewell().await,
                Some(report) = self.reports.recv() => self.take_reports(report).await?,
                Some(batch) = OptionFuture::from(self.reading.as_mut()) => {
                    self.reading = None;
                    self.send(batch?);
                }
                _ = self.announcements.changed() => self.may_find_more = true,
                _ = self.ticks.tick() => self.tick().await?,
            }
        }
    }

    fn read_on(&mut self) {
        let has_room = self.relaying.on_their_way() + BATCH as usize <= WINDOW;
        if self.may_find_more && has_room && self.reading.is_none() {
            // Seen before the look, so that a commit behind it is another look's.
            self.announcements.borrow_and_update();
            self.may_find_more = false;
            let (database, mark) = (self.database, self.relaying.next_read().clone());
            let read = async move { log::read(database, &mark, Wanted { topic: None, limit: BATCH }).await };
            self.reading = Some(read.boxed());
        }
    }

    fn send(&mut self, batch: Batch) {
        if !batch.arrivals.is_empty() {
            self.may_find_more = true;
            self.last_row = Instant::now();
        }
        for arrival in &batch.arrivals {
            let ticket = self.relaying.send(batch.mark_at(arrival.offset));
            self.publisher.send(arrival, Receipt::new(ticket, arrival.offset, &self.receipts));
        }
        self.relaying.read_to(batch.end);
    }

    /// Takes `report` and all others that are there.
    async fn take_reports(&mut self, report: Report) -> Result<(), Interruption> {
        let (mut next, mut published) = (Some(report), 0);
        while let Some(Report { ticket, offset, outcome }) = next {
            match outcome {
                Ok(()) => published += 1,
                Err(PublishError::Refused(reason)) => bury(self.database, offset, &reason).await?,
                Err(PublishError::Fatal(reason)) => return Err(Interruption::Fatal(reason)),
            }
            self.relaying.done(ticket);
            next = self.reports.try_recv().ok();
        }
        metrics::counter!("bus_relay_published_total").increment(published);
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), Interruption> {
        if self.last_checkpoint.elapsed() >= CHECKPOINT {
            self.checkpoint().await?;
        }
        let records_elsewhere = self.database.get_database_backend() == DbBackend::Postgres;
        let is_busy = records_elsewhere && self.last_row.elapsed() < QUIET;
        self.ticks.reset_after(if is_busy { POLL } else { QUIET_POLL });
        self.may_find_more = true;
        Ok(())
    }

    /// Stores up to where all is acknowledged, as long as it is our turn.
    async fn checkpoint(&mut self) -> Result<(), Interruption> {
        self.last_checkpoint = Instant::now();
        let Some(mark) = self.relaying.next_checkpoint().cloned() else {
            let is_asked = self.last_sign_of_life.elapsed() < SIGN_OF_LIFE;
            return if is_asked { Ok(()) } else { self.confirm_lease().await };
        };
        self.confirm_lease().await?;
        let tx = self.database.begin_write().await?;
        if !position::advance(&tx, (NAME, position::ALL_TOPICS), &mark, self.lease.epoch).await? {
            return Err(Interruption::LostLease);
        }
        tx.commit().await.map_err(Interruption::Database)?;
        self.relaying.checkpointed(mark);
        self.progress.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn confirm_lease(&mut self) -> Result<(), Interruption> {
        self.last_sign_of_life = Instant::now();
        if self.lease.lock.is_held().await { Ok(()) } else { Err(Interruption::LostLease) }
    }

    /// Waits for what is on its way, for a while, so that the next relay need not send it again.
    async fn say_farewell(&mut self) -> Result<(), Interruption> {
        let deadline = Instant::now() + FAREWELL;
        while self.relaying.on_their_way() > 0
            && let Ok(Some(report)) = tokio::time::timeout_at(deadline, self.reports.recv()).await
        {
            self.take_reports(report).await?;
        }
        self.checkpoint().await
    }
}

/// Makes the row at `offset`, which can never be sent, a dead letter. One that was sent again after a crash is one already.
async fn bury(database: &Database, offset: i64, reason: &str) -> Result<()> {
    let tx = database.begin_write().await?;
    let Arrival { delivery, .. } = outbox::at(&tx, offset).await?;
    tracing::error!(topic = delivery.topic, event_id = %delivery.id, reason, "an event can't be relayed");
    if inbox::set_aside_new(&tx, Entry { consumer: NAME, event: delivery.id }).await? {
        dead_letter::insert(&tx, NAME, &delivery, Buried { cause: Cause::Refused, attempts: 1, reason }).await?;
        tx.commit().await?;
    }
    Ok(())
}
