//! Opens the ports: one `match` each, and nowhere else is it known which adapter was chosen.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use bus::BusUrl;
use clock::Sources;
use contracts::Secret;
use database::{Database, DatabaseUrl, Vault};
use ephemeral::Embedded;
use kit::Context;

use super::absent::Absent;
use crate::data_folder::DataFolder;
use crate::error::{Error, Result};
use crate::settings::{BusChoice, DatabaseChoice, EphemeralChoice, State};

/// The chosen adapters, in the words of the ports.
pub(super) struct Adapters {
    database: DatabaseUrl,
    ephemeral: PathBuf,
    bus: BusUrl,
}

impl Adapters {
    /// Looks at the settings alone, so that a choice that can't be served changes nothing.
    pub(super) fn choose(state: &State, folder: &DataFolder) -> Result<Self> {
        Ok(Self {
            database: database_url(state, folder)?,
            ephemeral: match state.ephemeral {
                EphemeralChoice::Embedded => folder.ephemeral(),
                EphemeralChoice::Redis(_) => return Err(embedded_only("REDIS_URL (or REDIS_HOST)")),
            },
            bus: match state.bus {
                BusChoice::Embedded => BusUrl::Embedded,
                BusChoice::Kafka(_) => return Err(embedded_only("KAFKA_BROKERS (or KAFKA_BOOTSTRAP_SERVERS)")),
            },
        })
    }
}

fn database_url(state: &State, folder: &DataFolder) -> Result<DatabaseUrl> {
    match state.database {
        DatabaseChoice::Embedded => Ok(DatabaseUrl::Sqlite(folder.database())),
        DatabaseChoice::Postgres(_) => Err(embedded_only("DATABASE_URL (or DB_HOST)")),
    }
}

fn embedded_only(setting: &str) -> Error {
    Error::Refused(format!("{setting} is set, but this build runs embedded only: it has no adapter for that yet"))
}

/// The open ports of a process that serves.
pub(super) struct Ports {
    pub(super) context: Context,
    pub(super) ephemeral: Embedded,
    pub(super) bus_url: BusUrl,
}

impl Ports {
    pub(super) async fn open(
        adapters: Adapters,
        state: &State,
        folder: &DataFolder,
        sources: &Sources,
    ) -> Result<Self> {
        let database = open_database(&adapters.database, state, folder, sources).await?;
        let ephemeral = open_ephemeral(adapters.ephemeral, sources.clone()).await?;
        let context = Context { database, ephemeral: Arc::new(ephemeral.clone()), sources: sources.clone() };
        Ok(Self { context, ephemeral, bus_url: adapters.bus })
    }

    /// Forces what is only in memory to the disk, and lets go of the files.
    pub(super) async fn close(self) -> Result<()> {
        self.ephemeral.flush().await?;
        Ok(self.context.database.close().await?)
    }
}

/// Opens the database alone, as the commands do that work beside a server.
pub(crate) async fn open_beside_server(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Context> {
    let database = open_database(&database_url(state, folder)?, state, folder, sources).await?;
    Ok(Context { database, ephemeral: Arc::new(Absent), sources: sources.clone() })
}

async fn open_database(url: &DatabaseUrl, state: &State, folder: &DataFolder, sources: &Sources) -> Result<Database> {
    let vault = Vault::new(root_key(state, folder, sources)?.expose().as_bytes());
    match url {
        DatabaseUrl::Sqlite(_) => folder.make_database()?,
    }
    Ok(Database::connect(url, sources.clone(), vault).await?)
}

async fn open_ephemeral(path: PathBuf, sources: Sources) -> Result<Embedded> {
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&path, sources)).await;
    Ok(opened.context("opening the ephemeral store panicked")??)
}

fn root_key(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Secret> {
    match &state.secret_key {
        Some(key) => Ok(key.clone()),
        None => folder.secret_key(sources),
    }
}
