//! How long each task took, and how both sides compare.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::load::Samples;
use crate::report::{Row, Target};

/// So many times as long may a task take on a filled database.
const MOST: f64 = 2.0;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    Start,
    TrimAuth,
    TrimBus,
    TrimNotification,
    Login,
    Refresh,
    LogoutAll,
    Lock,
    Mail,
}

impl Task {
    pub(super) const ALL: [Self; 9] = [
        Self::Start,
        Self::TrimAuth,
        Self::TrimBus,
        Self::TrimNotification,
        Self::Login,
        Self::Refresh,
        Self::LogoutAll,
        Self::Lock,
        Self::Mail,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Start => "start until ready",
            Self::TrimAuth => "start until auth has trimmed",
            Self::TrimBus => "start until the bus has trimmed",
            Self::TrimNotification => "start until notification has trimmed",
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::LogoutAll => "logout-all",
            Self::Lock => "admin lock",
            Self::Mail => "mail after register",
        }
    }

    /// The one of a hundred samples that counts. Each eighth refresh tells the ledger, and only those ask the database.
    fn percentile(self) -> usize {
        if self == Self::Refresh { 94 } else { 50 }
    }

    pub(super) fn row(self, database: &str, accounts: u64, empty: &Figures, filled: &Figures) -> Result<Row> {
        let [without, with] = [empty.of(self)?, filled.of(self)?];
        let percent = self.percentile();
        let (theirs, ours) = (without.percentile(percent)?, with.percentile(percent)?);
        let detail = format!(
            "{ours:.1?} beside {theirs:.1?}, p{percent} of {}; slowest {:.1?} beside {:.1?}; {accounts} accounts",
            with.len(),
            with.percentile(100)?,
            without.percentile(100)?,
        );
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        Ok(Row::new(format!("{database}: {}", self.name()), ratio, "× empty", Target::AtMost(MOST), detail))
    }
}

/// The samples of one side.
#[derive(Default)]
pub(super) struct Figures(BTreeMap<Task, Samples>);

impl Figures {
    pub(super) fn add(&mut self, task: Task, took: Duration) {
        self.0.entry(task).or_default().add(took);
    }

    fn of(&self, task: Task) -> Result<&Samples> {
        self.0.get(&task).with_context(|| format!("{task:?} was not measured"))
    }
}
