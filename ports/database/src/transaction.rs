//! A transaction that may write, and the one instant at which all of it happens.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clock::{Sources, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};

use crate::announcements::{Announcements, Report};
use crate::channel::Channel;
use crate::engine::Isolation;
use crate::last::{self, LastRow};
use crate::turns::Turn;
use crate::{Database, Result, Vault};

/// An open transaction. Keep it short, and never wait for a network inside one.
pub struct WriteTransaction {
    pub(crate) channel: Channel,
    failed: AtomicBool,
    /// Statements whose answer has not come. One that nobody waited for may have failed.
    unanswered: AtomicU32,
    /// How many there have been.
    savepoints: AtomicU32,
    /// What is written just before the commit.
    last: Mutex<Vec<LastRow>>,
    /// How much of it was there at the newest savepoint.
    last_before: AtomicUsize,
    now: Timestamp,
    sources: Sources,
    vault: Vault,
    /// What the commit announces, in the order in which it was said.
    announced: Mutex<Vec<String>>,
    /// What the commit reports, in the same way.
    reported: Mutex<Vec<Report>>,
    announcements: Announcements,
    /// What it has to itself, which it lets go of with its end.
    _turn: Option<Turn>,
}

/// A point of a transaction to which it can go back. Whoever drops it keeps what was written since.
pub struct Savepoint {
    number: u32,
    /// How much was left for the end by then.
    left: usize,
    failed: bool,
    /// How much was to be announced by then.
    announced: usize,
    /// How much was to be reported by then.
    reported: usize,
}

impl WriteTransaction {
    pub(crate) async fn begin(database: &Database, isolation: Isolation) -> Result<Self> {
        let channel = match database.engine.begin(isolation).await {
            // Nothing was done yet, so a connection that has died may be replaced.
            Err(error) if database.engine.is_lost(&error) => database.engine.begin(isolation).await?,
            begun => begun?,
        };
        Ok(Self {
            channel,
            failed: AtomicBool::new(false),
            unanswered: AtomicU32::new(0),
            savepoints: AtomicU32::new(0),
            last: Mutex::default(),
            last_before: AtomicUsize::new(0),
            now: database.sources.now(),
            sources: database.sources.clone(),
            vault: database.vault.clone(),
            announced: Mutex::default(),
            reported: Mutex::default(),
            announcements: database.announcements.clone(),
            _turn: None,
        })
    }

    /// The same, which has these to itself until it ends.
    pub(crate) fn having(self, turn: Turn) -> Self {
        Self { _turn: Some(turn), ..self }
    }

    /// When all of this transaction happens.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Time, ids and randomness.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Seals what must not stand here in plain.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Makes the commit wake whoever watches [`Database::announcements_of`] `subject`.
    pub fn announce(&self, subject: &str) {
        let mut announced = self.announced();
        if !announced.iter().any(|known| known == subject) {
            announced.push(subject.to_owned());
        }
    }

    /// Makes the commit hand `report` to whoever listens to [`Database::reports_of`] `subject`. A process that dies right after the
    /// commit hands on nothing, so listeners read the database now and then, too.
    pub fn report(&self, subject: &'static str, report: &[u8]) {
        self.reported().push((subject, Arc::from(report)));
    }

    /// Inserts `row` just before the commit, together with all that was left until then.
    ///
    /// Transactions that do so can't deadlock with each other over what the rows lock, and hold their locks no longer than
    /// a commit takes.
    pub fn insert_last(&self, row: LastRow) {
        self.left().push(row);
    }

    /// How many rows are left for the commit.
    #[must_use]
    pub fn rows_left(&self) -> usize {
        self.left().len()
    }

    /// How many of them were left since the newest savepoint.
    #[must_use]
    pub fn rows_left_since_savepoint(&self) -> usize {
        self.rows_left().saturating_sub(self.last_before.load(Ordering::Relaxed))
    }

    /// Marks a point, so that what is written from now on can be taken back alone.
    ///
    /// # Errors
    /// The database is away, or a statement has failed already.
    pub async fn savepoint(&self) -> Result<Savepoint> {
        let number = self.savepoints.fetch_add(1, Ordering::Relaxed);
        self.execute_unprepared(&format!("SAVEPOINT point_{number}")).await?;
        let left = self.rows_left();
        self.last_before.store(left, Ordering::Relaxed);
        let failed = self.failed.load(Ordering::Relaxed);
        Ok(Savepoint { number, left, failed, announced: self.announced().len(), reported: self.reported().len() })
    }

    /// Takes back all that was written since, also a statement that failed; savepoints made since are gone.
    ///
    /// # Errors
    /// The database is away; the transaction can't be committed then.
    pub async fn rollback_to(&self, to: Savepoint) -> Result<()> {
        self.noted(self.channel.execute_unprepared(&format!("ROLLBACK TO SAVEPOINT point_{}", to.number))).await?;
        self.left().truncate(to.left);
        self.announced().truncate(to.announced);
        self.reported().truncate(to.reported);
        self.failed.store(to.failed, Ordering::Relaxed);
        Ok(())
    }

    /// After a failure SQLite may have ended the transaction by itself, and would make true at once whatever comes next;
    /// Postgres refuses by itself.
    pub(crate) fn refuse_if_failed(&self) -> Result<(), DbErr> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(failed());
        }
        Ok(())
    }

    /// Remembers a failure: Postgres would answer the commit with a silent rollback.
    pub(crate) async fn noted<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        let answer = statement.await;
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
        if answer.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// Makes everything in the transaction true at once.
    ///
    /// # Errors
    /// Nothing of it is true then; except when the connection broke during the commit, where only a read can say. A
    /// transaction with a statement that failed can't be committed.
    pub async fn commit(self) -> Result<()> {
        self.write_what_was_left().await?;
        if self.failed.into_inner() || self.unanswered.into_inner() > 0 {
            return Err(failed().into());
        }
        self.channel.commit().await?;
        self.announcements.announce(&self.announced.into_inner().unwrap_or_else(PoisonError::into_inner));
        self.announcements.report(self.reported.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }

    fn left(&self) -> MutexGuard<'_, Vec<LastRow>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announced(&self) -> MutexGuard<'_, Vec<String>> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reported(&self) -> MutexGuard<'_, Vec<Report>> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write_what_was_left(&self) -> Result<(), DbErr> {
        let last = std::mem::take(&mut *self.left());
        for statement in last::statements(self.get_database_backend(), last) {
            self.execute_raw(statement).await?;
        }
        Ok(())
    }
}

fn failed() -> DbErr {
    DbErr::Custom("a transaction with a failed statement can't go on and can't be committed".to_owned())
}
