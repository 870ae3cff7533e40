//! A lock that one process has until it lets go or dies.

use std::fs::File;
use std::sync::Arc;

use crate::engine::Engine;
use crate::{Result, postgres};

/// A lock of [`Database::try_session_lock`](crate::Database::try_session_lock); dropping it lets go.
pub struct SessionLock(Held);

enum Held {
    /// An open file, locked.
    File { _file: File },
    /// A connection of its own, whose end is the lock's end.
    Session(postgres::Session),
}

impl SessionLock {
    pub(crate) fn of_file(file: File) -> Self {
        Self(Held::File { _file: file })
    }

    pub(crate) fn of_session(session: postgres::Session) -> Self {
        Self(Held::Session(session))
    }

    /// Whether the lock is still ours. On Postgres it ends with the connection that took it, and somebody else may have
    /// it by then; so ask again and again, and take no answer for later. Who does not ask for five seconds loses it there,
    /// as a process does that hangs.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.0 {
            Held::File { .. } => true,
            Held::Session(session) => session.is_alive().await,
        }
    }

    /// Takes the lock again if it ended with its connection, and answers whether it is ours: `false` says that somebody else
    /// has it. In between somebody may have had it.
    ///
    /// # Errors
    /// Whether it is ours is not known: the database is away, or the server takes the old connection for alive.
    pub async fn renew(&mut self) -> Result<bool> {
        match &mut self.0 {
            Held::File { .. } => Ok(true),
            Held::Session(session) => session.renew().await,
        }
    }
}

/// One who wants a session lock and asks for it again and again, as [`Database::contend`](crate::Database::contend) makes it.
pub struct Contender {
    engine: Arc<dyn Engine>,
    name: String,
    /// The connection that asks, on Postgres, from the first refusal on: to open one costs the server a process.
    standby: Option<postgres::Session>,
}

impl Contender {
    pub(crate) fn new(engine: Arc<dyn Engine>, name: &str) -> Self {
        Self { engine, name: name.to_owned(), standby: None }
    }

    /// Takes the lock; `None` while somebody has it. Ask about once a second: who does not for five loses the connection that
    /// is kept open for it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn try_lock(&mut self) -> Result<Option<SessionLock>> {
        self.engine.contend(&self.name, &mut self.standby).await
    }
}
