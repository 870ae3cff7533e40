//! Opens the ports: one `match` each, and nowhere else is it known which adapter was chosen.

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

/// The open ports of a process that serves.
pub(super) struct Ports {
    pub(super) context: Context,
    pub(super) ephemeral: Embedded,
    pub(super) bus: BusUrl,
}

impl Ports {
    pub(super) async fn open(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Self> {
        let bus = bus_url(&state.bus)?;
        let ephemeral = open_ephemeral(&state.ephemeral, folder, sources).await?;
        let database = open_database(state, folder, sources).await?;
        let context = Context { database, ephemeral: Arc::new(ephemeral.clone()), sources: sources.clone() };
        Ok(Self { context, ephemeral, bus })
    }

    /// Forces what is only in memory to the disk, and lets go of the files.
    pub(super) async fn close(self) -> Result<()> {
        self.ephemeral.flush().await?;
        Ok(self.context.database.close().await?)
    }
}

/// Opens the database alone, as the commands do that work beside a server.
pub(crate) async fn open_beside_server(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Context> {
    let database = open_database(state, folder, sources).await?;
    Ok(Context { database, ephemeral: Arc::new(Absent), sources: sources.clone() })
}

async fn open_database(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Database> {
    let vault = Vault::new(root_key(state, folder, sources)?.expose().as_bytes());
    let url = match &state.database {
        DatabaseChoice::Embedded => DatabaseUrl::Sqlite(folder.database()),
        DatabaseChoice::Postgres(_) => return Err(embedded_only("DATABASE_URL (or DB_HOST)")),
    };
    Ok(Database::connect(&url, sources.clone(), vault).await?)
}

async fn open_ephemeral(choice: &EphemeralChoice, folder: &DataFolder, sources: &Sources) -> Result<Embedded> {
    match choice {
        EphemeralChoice::Embedded => {
            let (path, sources) = (folder.ephemeral(), sources.clone());
            let opened = tokio::task::spawn_blocking(move || Embedded::open(&path, sources)).await;
            Ok(opened.context("opening the ephemeral store panicked")??)
        }
        EphemeralChoice::Redis(_) => Err(embedded_only("REDIS_URL (or REDIS_HOST)")),
    }
}

fn bus_url(choice: &BusChoice) -> Result<BusUrl> {
    match choice {
        BusChoice::Embedded => Ok(BusUrl::Embedded),
        BusChoice::Kafka(_) => Err(embedded_only("KAFKA_BROKERS (or KAFKA_BOOTSTRAP_SERVERS)")),
    }
}

fn embedded_only(setting: &str) -> Error {
    Error::Refused(format!("{setting} is set, but this build runs embedded only: it has no adapter for that yet"))
}

fn root_key(state: &State, folder: &DataFolder, sources: &Sources) -> Result<Secret> {
    match &state.secret_key {
        Some(key) => Ok(key.clone()),
        None => folder.secret_key(sources),
    }
}
