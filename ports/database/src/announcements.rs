//! Who waits for what commits announce and report.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{broadcast, watch};

/// Reports that a listener may be behind by.
const REPORTS_BEHIND: usize = 1024;

/// What a commit has to say to listeners in this process: of what, and what.
pub(crate) type Report = (&'static str, Arc<[u8]>);

/// Counts commits by what they announced, and hands on what they reported.
#[derive(Clone, Default)]
pub(crate) struct Announcements(Arc<Inner>);

#[derive(Default)]
struct Inner {
    any: watch::Sender<u64>,
    /// Those subjects that somebody watches.
    subjects: Mutex<BTreeMap<String, watch::Sender<u64>>>,
    /// Those subjects of which somebody has asked for reports.
    reports: Mutex<HashMap<&'static str, broadcast::Sender<Arc<[u8]>>>>,
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

    pub(crate) fn reports_of(&self, subject: &'static str) -> broadcast::Receiver<Arc<[u8]>> {
        let mut reports = self.0.reports.lock().unwrap_or_else(PoisonError::into_inner);
        reports.entry(subject).or_insert_with(|| broadcast::Sender::new(REPORTS_BEHIND)).subscribe()
    }

    /// Hands each report to those who listen to its subject.
    pub(crate) fn report(&self, reported: Vec<Report>) {
        if reported.is_empty() {
            return;
        }
        let reports = self.0.reports.lock().unwrap_or_else(PoisonError::into_inner);
        for (subject, report) in reported {
            if let Some(listeners) = reports.get(subject) {
                // Nobody may listen any more.
                let _listeners = listeners.send(report);
            }
        }
    }
}
