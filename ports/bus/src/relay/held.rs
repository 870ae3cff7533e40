//! A topic that refuses its events holds up no other: they wait in a table of their own and are tried again from there.

use std::collections::BTreeMap;
use std::time::Duration;

use clock::Backoff;
use database::{Database, Result};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::copying::{FLUSH_TIMEOUT, bury};
use super::publish::Report;
use super::{Publish, PublishError, Receipt};
use crate::model::relay::Ticket;
use crate::real_time;
use crate::source::Arrival;
use crate::store::held;

/// Rows sent before the next are read.
const BATCH: u64 = 500;
/// Between attempts to send what is held, and between turns of a relay that end at once.
pub(super) const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };

/// What is held of one topic, and a producer of its own to send it, one event at a time: what that one is refused is refused
/// for itself.
pub(super) struct Held<P> {
    pub(super) topic: String,
    database: Database,
    publisher: P,
    failures: u32,
}

/// What an attempt to send all of it came to.
pub(super) enum Attempt {
    /// Nothing is left.
    Emptied,
    /// The topic takes nothing, for this reason.
    Refused(String),
}

impl<P: Publish> Held<P> {
    pub(super) fn new(topic: String, database: Database, publisher: P) -> Self {
        Self { topic, database, publisher, failures: 0 }
    }

    /// Sends what is held, after a pause if it was refused before.
    pub(super) async fn attempt(mut self) -> (Self, Result<Attempt>) {
        if self.failures > 0 {
            real_time::pause(BACKOFF.pause(self.failures, self.database.sources().fraction())).await;
        }
        let attempt = self.send_all().await;
        match &attempt {
            Ok(Attempt::Refused(_)) => self.failures += 1,
            Ok(Attempt::Emptied) | Err(_) => self.failures = 0,
        }
        (self, attempt)
    }

    async fn send_all(&self) -> Result<Attempt> {
        loop {
            let arrivals = held::first(&self.database, &self.topic, BATCH).await?;
            if arrivals.is_empty() {
                return Ok(Attempt::Emptied);
            }
            let (done, refusal) = self.send(&arrivals).await?;
            let tx = self.database.begin_write().await?;
            held::delete(&tx, &done).await?;
            tx.commit().await?;
            if let Some(reason) = refusal {
                // Whatever stopped it, this producer writes nothing more.
                if let Err(error) = self.publisher.renew().await {
                    return Ok(Attempt::Refused(error.to_string()));
                }
                if done.is_empty() {
                    return Ok(Attempt::Refused(reason));
                }
            }
        }
    }

    /// Tells the numbers of those that are done with, and why others are not.
    async fn send(&self, arrivals: &[Arrival]) -> Result<(Vec<i64>, Option<String>)> {
        let mut outcomes = self.outcomes(arrivals).await;
        let (mut done, mut refusal) = (Vec::new(), None);
        for arrival in arrivals {
            match outcomes.remove(&arrival.offset) {
                Some(Ok(())) => done.push(arrival.offset),
                Some(Err(PublishError::Refused(reason))) => {
                    bury(&self.database, &arrival.delivery, &reason).await?;
                    done.push(arrival.offset);
                    refusal.get_or_insert(reason);
                }
                Some(Err(PublishError::TopicRefuses(reason) | PublishError::Fatal(reason))) => {
                    refusal.get_or_insert(reason);
                }
                None => (),
            }
        }
        Ok((done, refusal))
    }

    /// What became of `arrivals`, as far as that is known: a producer that had to give one up need not report on those behind it.
    async fn outcomes(&self, arrivals: &[Arrival]) -> BTreeMap<i64, std::result::Result<(), PublishError>> {
        let (receipts, mut reports) = mpsc::unbounded_channel();
        for arrival in arrivals {
            self.publisher.send(arrival, Receipt::new(Ticket::default(), arrival.offset, &receipts));
        }
        drop(receipts);
        let (mut outcomes, mut deadline) = (BTreeMap::new(), None);
        loop {
            let report = match deadline {
                None => reports.recv().await,
                Some(deadline) => timeout_at(deadline, reports.recv()).await.unwrap_or(None),
            };
            let Some(Report { offset, outcome, .. }) = report else { return outcomes };
            if outcome.is_err() {
                deadline.get_or_insert(Instant::now() + FLUSH_TIMEOUT);
            }
            outcomes.insert(offset, outcome);
        }
    }
}
