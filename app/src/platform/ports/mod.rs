//! Opens the ports: one `match` each, and nowhere else is it known which adapter was chosen.

mod ephemeral;

use std::sync::Arc;
use std::time::Duration;

use ::ephemeral::Absent;
use anyhow::Context as _;
use bus::BusUrl;
use clock::Sources;
use database::{Database, DatabaseError, DatabaseUrl, Migrations, Postgres, Vault};
use kit::Context;

use crate::data_folder::{DataFolder, DataFolderLock};
use crate::error::{Error, Result};
use crate::settings::{DatabaseChoice, State};

use super::embedded_state::EmbeddedStateLock;

pub(super) use ephemeral::Ephemeral;

/// How long a server waits for a database that is started together with it.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(30);
/// What the one process has locked whose state is embedded in part, while its database is not.
const EMBEDDED_STATE: &str = "embedded state";

/// The open ports of a process that serves.
pub(super) struct Ports {
    pub(super) context: Context,
    pub(super) ephemeral: Ephemeral,
    pub(super) bus_url: BusUrl,
    pub(super) lock: Option<EmbeddedStateLock>,
}

impl Ports {
    pub(super) async fn open(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Self> {
        let database = connect(state, folder, sources, DATABASE_TIMEOUT).await?;
        let lock = lock_embedded_state(state, &database, sources).await?;
        let ephemeral = Ephemeral::open(&state.ephemeral, folder, sources).await?;
        let context = Context { database, ephemeral: ephemeral.store(), sources: sources.clone() };
        Ok(Self { context, ephemeral, bus_url: state.bus.clone(), lock })
    }

    /// Forces what is only in memory to the disk, and lets go of files and connections; of the lock last of all.
    pub(super) async fn close(self) -> Result<()> {
        self.ephemeral.flush().await?;
        let closed = self.context.database.close().await;
        if let Some(lock) = self.lock {
            lock.release().await;
        }
        Ok(closed?)
    }
}

/// Takes the data folder for a process that keeps anything in it.
pub(super) fn lock_folder(state: &State, folder: &DataFolder) -> Result<Option<DataFolderLock>> {
    if !state.embeds_any() {
        return Ok(None);
    }
    folder.make()?;
    folder.lock().map(Some)
}

/// Opens the database alone, as the commands do that work beside a server.
pub(crate) async fn open_beside_server(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Context> {
    let database = connect(state, folder, sources, Duration::ZERO).await?;
    Ok(Context { database, ephemeral: Arc::new(Absent), sources: sources.clone() })
}

/// Whether the database at `address` is there and has tables of `owner`; nothing is made in it.
pub(crate) async fn has_tables(address: &Postgres, owner: Migrations, sources: &Sources) -> Result<bool> {
    let url = DatabaseUrl::Postgres(address.clone());
    match Database::connect(&url, sources.clone(), Vault::new(b"")).await {
        // It does not exist, say, or is somebody else's.
        Err(DatabaseError::Unexpected(_)) => Ok(false),
        connected => {
            let database = connected?;
            let has_tables = database.has_tables(owner).await;
            database.close().await?;
            Ok(has_tables?)
        }
    }
}

async fn connect(state: &State, folder: &DataFolder, sources: &Sources, timeout: Duration) -> Result<Database> {
    match &state.database {
        DatabaseChoice::Embedded => {
            if state.secret_key.is_none() {
                folder.check_restored()?;
            }
            folder.make_database()?;
            let key = state.secret_key.clone().map_or_else(|| folder.secret_key(sources), Ok)?;
            let vault = Vault::new(key.expose().as_bytes());
            Ok(Database::connect(&DatabaseUrl::Sqlite(folder.database()), sources.clone(), vault).await?)
        }
        DatabaseChoice::Postgres(postgres) => {
            let url = DatabaseUrl::Postgres(postgres.clone());
            let key = state.secret_key.as_ref().map_or(&b""[..], |key| key.expose().as_bytes());
            let database = Database::connect_with_retry(&url, sources.clone(), Vault::new(key), timeout).await?;
            if state.secret_key.is_some() {
                return Ok(database);
            }
            tracing::warn!(
                "SECRET_KEY is not set: what is sealed in the database can be opened by whoever has a dump of it"
            );
            Ok(database.with_kept_key().await?)
        }
    }
}

/// Two processes may share a Postgres, but not what one of them keeps in its own folder.
async fn lock_embedded_state(
    state: &State,
    database: &Database,
    sources: &Sources,
) -> Result<Option<EmbeddedStateLock>> {
    let is_partly_embedded = state.embeds_any() && state.database != DatabaseChoice::Embedded;
    if !is_partly_embedded {
        return Ok(None);
    }
    let lock = database.try_session_lock(EMBEDDED_STATE).await.context("the database can't be locked")?;
    let refusal = "another process serves from this database, and this one would keep a part of its state for itself: \
        set REDIS_URL and KAFKA_BROKERS for both";
    let lock = lock.ok_or_else(|| Error::Refused(refusal.to_owned()))?;
    Ok(Some(EmbeddedStateLock::keep(lock, sources)))
}
