//! Who waits for what commits announce.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

/// Counts commits, by what they announced.
#[derive(Clone, Default)]
pub(crate) struct Announcements(Arc<Inner>);

#[derive(Default)]
struct Inner {
    any: watch::Sender<u64>,
    /// Those subjects that somebody watches.
    subjects: Mutex<BTreeMap<String, watch::Sender<u64>>>,
}

impl Announcements {
    pub(crate) fn any(&self) -> watch::Receiver<u64> {
        self.0.any.subscribe()
    }

    pub(crate) fn of(&self, subject: &str) -> watch::Receiver<u64> {
        let mut subjects = self.0.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.retain(|_, watched| watched.receiver_count() > 0);
        subjects.entry(subject.to_owned()).or_default().subscribe()
    }

    /// Wakes those who watch one of `announced`, and those who watch everything, if there is any.
    pub(crate) fn announce(&self, announced: &[String]) {
        if announced.is_empty() {
            return;
        }
        let subjects = self.0.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let watched = announced.iter().filter_map(|subject| subjects.get(subject));
        for counted in watched.chain([&self.0.any]) {
            counted.send_modify(|count| *count += 1);
        }
    }
}
