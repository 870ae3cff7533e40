//! Which subjects the transactions of this process have to themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Each subject, with how many have it: the next one may have it before the last one has said that it is done.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<BTreeMap<String, u32>>>);

/// What a transaction has to itself until it ends.
pub(crate) struct Turn {
    turns: Turns,
    subjects: Vec<String>,
}

impl Turns {
    pub(crate) fn take(&self, subjects: Vec<String>) -> Turn {
        let mut taken = self.taken();
        for subject in &subjects {
            *taken.entry(subject.clone()).or_default() += 1;
        }
        Turn { turns: self.clone(), subjects }
    }

    pub(crate) fn has(&self, subject: &str) -> bool {
        self.taken().contains_key(subject)
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = self.turns.taken();
        for subject in &self.subjects {
            if let Some(count) = taken.get_mut(subject) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(subject);
                }
            }
        }
    }
}
