//! A consumer that writes down what it hears, and fails when a clause says so.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use contracts::Event;
use database::{Connection, DatabaseError, WriteTransaction};
use sea_orm::{DbErr, RuntimeErr, Statement};
use tokio::sync::Notify;

use super::events::{Counted, Echoed, Sorted, Whispered};
use crate::{HearError, Heard, HeardUntil, Hears, TraceParent, outbox};

/// What happens to one call instead of success.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Fail(&'static str),
    Refuse(&'static str),
    Panic,
    DatabaseAway,
    /// It changes the row that all of them change.
    Touch,
    /// The same once it is told to.
    TouchAfter(Arc<Notify>),
    /// The call never returns.
    Hang,
    /// The call returns when it is told to, and succeeds.
    Await(Arc<Notify>),
}

/// Writes an effect for each event, and whatever it is told to do happens after that, within the transaction.
#[derive(Clone)]
pub(super) struct Recorder {
    pub(super) name: &'static str,
    /// Up to when it has heard, where a clause wants that dated.
    pub(super) heard_until: HeardUntil,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    notes: Mutex<Notes>,
    reached: Notify,
}

#[derive(Default)]
struct Notes {
    hear: HashMap<u32, VecDeque<Act>>,
    after_commit: HashMap<u32, VecDeque<Act>>,
    heard: Vec<u32>,
    after_commits: Vec<u32>,
    traces: Vec<Option<TraceParent>>,
}

impl Recorder {
    pub(super) fn named(name: &'static str) -> Self {
        Self { name, heard_until: HeardUntil::default(), inner: Arc::default() }
    }

    /// Plans `acts` for the first attempts at hearing the events with `number`.
    pub(super) fn when_hearing(&self, number: u32, acts: impl IntoIterator<Item = Act>) {
        self.notes().hear.entry(number).or_default().extend(acts);
    }

    /// Plans `acts` for the first attempts after the commit of the events with `number`.
    pub(super) fn after_commit_of(&self, number: u32, acts: impl IntoIterator<Item = Act>) {
        self.notes().after_commit.entry(number).or_default().extend(acts);
    }

    /// The number of each event at each attempt to hear it.
    pub(super) fn heard(&self) -> Vec<u32> {
        self.notes().heard.clone()
    }

    /// The number of each event at each attempt after its commit.
    pub(super) fn after_commits(&self) -> Vec<u32> {
        self.notes().after_commits.clone()
    }

    /// The trace at each attempt to hear.
    pub(super) fn traces(&self) -> Vec<Option<TraceParent>> {
        self.notes().traces.clone()
    }

    /// Returns when a call hangs or awaits.
    pub(super) async fn reached(&self) {
        self.inner.reached.notified().await;
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.inner.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, tx: &WriteTransaction, key: &str, number: u32) -> Result<(), HearError> {
        let act = {
            let mut notes = self.notes();
            notes.heard.push(number);
            notes.traces.push(TraceParent::current());
            notes.hear.get_mut(&number).and_then(VecDeque::pop_front)
        };
        let insert = "INSERT INTO contract_effect (consumer, key, number) VALUES ($1, $2, $3)";
        let values = [self.name.into(), key.into(), number.cast_signed().into()];
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), insert, values))
            .await
            .map_err(DatabaseError::from)?;
        if let Some(Act::TouchAfter(released)) = &act {
            self.inner.reached.notify_one();
            released.notified().await;
        }
        if let Some(Act::Touch | Act::TouchAfter(_)) = act {
            tx.execute_unprepared("UPDATE contract_row SET number = number + 1").await.map_err(DatabaseError::from)?;
        }
        self.play(act).await
    }

    async fn note_after_commit(&self, number: u32) -> Result<(), HearError> {
        let act = {
            let mut notes = self.notes();
            notes.after_commits.push(number);
            notes.after_commit.get_mut(&number).and_then(VecDeque::pop_front)
        };
        self.play(act).await
    }

    async fn play(&self, act: Option<Act>) -> Result<(), HearError> {
        match act {
            None | Some(Act::Touch | Act::TouchAfter(_)) => Ok(()),
            Some(Act::Fail(reason)) => Err(HearError::Failed(anyhow::anyhow!(reason))),
            Some(Act::Refuse(reason)) => Err(HearError::Refused(reason.to_owned())),
            Some(Act::Panic) => panic!("as planned"),
            Some(Act::DatabaseAway) => {
                let away = DbErr::Conn(RuntimeErr::Internal("as planned".to_owned()));
                Err(HearError::Database(DatabaseError::Unavailable(away)))
            }
            Some(Act::Hang) => {
                self.inner.reached.notify_one();
                std::future::pending().await
            }
            Some(Act::Await(released)) => {
                self.inner.reached.notify_one();
                released.notified().await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Hears<Counted> for Recorder {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Counted>) -> Result<(), HearError> {
        let Counted { key, number } = heard.event.clone();
        outbox::record(tx, &Echoed { key: key.clone(), number }).await?;
        self.write(tx, &key, number).await
    }

    async fn after_commit(&self, heard: &Heard<Counted>) -> Result<(), HearError> {
        self.note_after_commit(heard.event.number).await
    }
}

#[async_trait]
impl Hears<Echoed> for Recorder {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Echoed>) -> Result<(), HearError> {
        self.write(tx, &heard.event.key(), heard.event.number).await
    }
}

#[async_trait]
impl Hears<Sorted> for Recorder {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Sorted>) -> Result<(), HearError> {
        self.write(tx, &heard.event.key(), 0).await
    }
}

#[async_trait]
impl Hears<Whispered> for Recorder {
    async fn hear(&self, tx: &WriteTransaction, heard: &Heard<Whispered>) -> Result<(), HearError> {
        self.write(tx, &heard.event.key(), heard.event.number).await
    }
}
