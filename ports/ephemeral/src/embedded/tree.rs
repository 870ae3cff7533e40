//! The rows of the store, and how an entry is read and written.

use std::path::Path;

use clock::Sources;
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};

use uuid::Uuid;

use super::fault::{foreign, unavailable};
use super::folder;
use super::instant::Instant;
use super::row::{Due, Entry, Kind, Newest};
use crate::{EphemeralError, Result};

/// All rows, in a log-structured tree.
pub(super) struct Tree {
    database: Database,
    pub(super) rows: Keyspace,
    /// No row is due before this.
    pub(super) swept_until: Instant,
    /// No entry was written behind this, by whichever process.
    pub(super) newest: Instant,
    unsynced: bool,
    incarnation: Uuid,
}

impl Tree {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let (database, rows) = folder::open(folder)?;
        // A test that seeds its ids opens a store twice with the same ones, and these are two.
        let incarnation = Sources::system().uuid();
        let newest = match rows.get(Newest::KEY).map_err(unavailable)? {
            Some(row) => {
                Newest::decode(&row).ok_or_else(|| foreign("the newest instant", "a row that is cut short"))?
            }
            None => Instant::START,
        };
        Ok(Self { database, rows, swept_until: Instant::START, newest, unsynced: false, incarnation })
    }

    /// Names this opening: what was answered before may be lost to a power failure.
    pub(super) fn incarnation(&self) -> Uuid {
        self.incarnation
    }

    /// The place of the entry called `name`, ready to be read and filled.
    pub(super) fn slot<'a>(&self, name: &'a str) -> Result<Slot<'a>> {
        let key = Entry::key(name);
        let held = match self.rows.get(&key).map_err(unavailable)? {
            Some(row) => Some(Entry::decode(&row).ok_or_else(|| foreign(name, "a row that is cut short"))?),
            None => None,
        };
        Ok(Slot { name, key, held })
    }

    /// Puts a payload of `kind` into `slot` at `now`, until `expires_at`.
    pub(super) fn fill(
        &mut self,
        slot: Slot<'_>,
        (kind, payload): (Kind, Vec<u8>),
        now: Instant,
        expires_at: Instant,
    ) -> Result<()> {
        let mut batch = self.batch();
        self.note_newest(&mut batch, now);
        let due = self.due_by(&mut batch, &slot.key, slot.held.as_ref().map(|held| held.due), expires_at);
        batch.insert(&self.rows, slot.key, Entry { expires_at, due, kind, written_at: now, payload }.encode());
        self.commit(batch)
    }

    /// Empties `slot`.
    pub(super) fn clear(&mut self, slot: Slot<'_>) -> Result<()> {
        let Some(held) = slot.held else { return Ok(()) };
        let mut batch = self.batch();
        batch.remove(&self.rows, Due::key(held.due, &slot.key));
        batch.remove(&self.rows, slot.key);
        self.commit(batch)
    }

    /// Has the sweep check the row of `key`, as it does at `held`, by `expires_at`; when it does.
    pub(super) fn due_by(
        &mut self,
        batch: &mut OwnedWriteBatch,
        key: &[u8],
        held: Option<Instant>,
        expires_at: Instant,
    ) -> Instant {
        match held {
            // The sweep puts off what was renewed, so that a renewal writes one row and not three.
            Some(held) if held <= expires_at => held,
            Some(held) => {
                batch.remove(&self.rows, Due::key(held, key));
                self.set_due(batch, key, expires_at)
            }
            None => self.set_due(batch, key, expires_at),
        }
    }

    /// Has the sweep check the row of `key` at `due`.
    pub(super) fn set_due(&mut self, batch: &mut OwnedWriteBatch, key: &[u8], due: Instant) -> Instant {
        batch.insert(&self.rows, Due::key(due, key), b"");
        self.swept_until = self.swept_until.min(due);
        due
    }

    pub(super) fn batch(&self) -> OwnedWriteBatch {
        self.database.batch()
    }

    /// Hands `batch` to the operating system, whole or not at all.
    pub(super) fn commit(&mut self, batch: OwnedWriteBatch) -> Result<()> {
        self.unsynced |= !batch.is_empty();
        batch.durability(Some(PersistMode::Buffer)).commit().map_err(unavailable)
    }

    /// Whether something was committed since this was asked last.
    pub(super) fn take_unsynced(&mut self) -> bool {
        std::mem::take(&mut self.unsynced)
    }
}

/// The place of one entry, and what is held there, expired or not.
pub(super) struct Slot<'a> {
    name: &'a str,
    key: Vec<u8>,
    pub(super) held: Option<Entry>,
}

impl Slot<'_> {
    /// The payload of the given kind that stands here at `now`.
    pub(super) fn standing(&self, kind: Kind, now: Instant) -> Result<Option<&[u8]>> {
        match self.held.as_ref().filter(|entry| now < entry.expires_at) {
            Some(entry) if entry.kind == kind => Ok(Some(&entry.payload)),
            Some(entry) => Err(self.foreign(match entry.kind {
                Kind::Value => "a value, which counts nothing",
                Kind::Window => "a window, which holds no value",
            })),
            None => Ok(None),
        }
    }

    pub(super) fn foreign(&self, reason: &str) -> EphemeralError {
        foreign(self.name, reason)
    }
}
