//! Topics in memory that can be broken in every way.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use contracts::Event;

use super::Numbered;
use crate::relay::{Publish, PublishError, Receipt};
use crate::source::Arrival;

/// Topics of one partition each, and one of their producers.
#[derive(Clone, Default)]
pub(super) struct Topic {
    shared: Arc<Mutex<State>>,
    is_broken: Arc<AtomicBool>,
    sends_one_at_a_time: bool,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) written: Vec<u32>,
    /// Arrivals that no acknowledgement comes for, until it is allowed.
    pub(super) unacknowledged: BTreeSet<u32>,
    withheld: Vec<(Receipt, Result<(), PublishError>)>,
    pub(super) refused: BTreeSet<u32>,
    /// What a producer of batches is refused, and one that sends one at a time.
    pub(super) refused_in_company: BTreeSet<u32>,
    pub(super) refused_alone: BTreeSet<u32>,
    /// Whether the topic of `Numbered` takes nothing.
    pub(super) refusing: bool,
    /// What is reported.
    pub(super) refusals: BTreeSet<String>,
    /// The producer breaks when it meets these, each once: nothing more is written, nor is anything that was sent.
    pub(super) breaks_at: Vec<u32>,
}

impl Publish for Topic {
    fn send(&self, arrival: &Arrival, receipt: Receipt) {
        let numbered: Numbered = serde_json::from_slice(arrival.delivery.payload.bytes()).unwrap();
        let outcome = self.write(&arrival.delivery.topic, numbered.number);
        let mut state = self.state();
        if state.unacknowledged.contains(&numbered.number) {
            state.withheld.push((receipt, outcome));
        } else {
            receipt.give_back(outcome);
        }
    }

    async fn renew(&self) -> Result<(), PublishError> {
        self.is_broken.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn one_at_a_time(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), is_broken: Arc::default(), sends_one_at_a_time: true }
    }

    fn note_refusal(&self, topic: &str, reason: Option<&str>) {
        let mut state = self.state();
        match reason {
            Some(_) => drop(state.refusals.insert(topic.to_owned())),
            None => drop(state.refusals.remove(topic)),
        }
    }
}

impl Topic {
    fn write(&self, topic: &str, number: u32) -> Result<(), PublishError> {
        let mut state = self.state();
        if let Some(planned) = state.breaks_at.iter().position(|planned| *planned == number) {
            state.breaks_at.remove(planned);
            self.is_broken.store(true, Ordering::Relaxed);
        }
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(PublishError::Fatal("as planned".to_owned()));
        }
        if state.refused.contains(&number) {
            return Err(PublishError::Refused("too large".to_owned()));
        }
        let alone = self.sends_one_at_a_time;
        if state.refusing && topic == Numbered::TOPIC || !alone && state.refused_in_company.contains(&number) {
            self.is_broken.store(true, Ordering::Relaxed);
            return Err(PublishError::TopicRefuses("as planned".to_owned()));
        }
        if alone && state.refused_alone.contains(&number) {
            self.is_broken.store(true, Ordering::Relaxed);
            return Err(PublishError::Refused("too large".to_owned()));
        }
        state.written.push(number);
        Ok(())
    }
}

impl Topic {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap()
    }

    pub(super) fn numbers(&self) -> Vec<u32> {
        self.state().written.clone()
    }

    pub(super) fn first_copies(&self) -> Vec<u32> {
        let mut seen = BTreeSet::new();
        self.numbers().into_iter().filter(|number| seen.insert(*number)).collect()
    }

    pub(super) fn acknowledge_all(&self) {
        let mut state = self.state();
        state.unacknowledged.clear();
        for (receipt, outcome) in state.withheld.drain(..) {
            receipt.give_back(outcome);
        }
    }

    /// Returns when all of `numbers` stand here.
    pub(super) async fn holds(&self, numbers: impl IntoIterator<Item = u32>) {
        let wanted: BTreeSet<u32> = numbers.into_iter().collect();
        let arrived = async {
            while !wanted.is_subset(&self.numbers().into_iter().collect()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("all of it is copied");
    }
}
