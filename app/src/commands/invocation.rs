//! One call of the program: what every command takes from outside, and how it gets at settings and the database.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use clock::Sources;
use database::{Database, Migrations};
use kit::Context;

use crate::command_line::Place;
use crate::data_folder::DataFolder;
use crate::error::{Error, Result};
use crate::platform;
use crate::services::{ServiceName, Services};
use crate::settings::value::LogFilter;
use crate::settings::{DatabaseChoice, File, Flag, Layers, Log, Settings, Values};
use crate::telemetry;

/// Read when no other is named, and only then allowed to be missing.
const SETTINGS_FILE: &str = "lezzetlimani.toml";

/// What came with the call.
pub(super) struct Invocation {
    place: Place,
    environment: HashMap<String, OsString>,
    pub(super) sources: Sources,
}

impl Invocation {
    pub(super) fn new(place: Place, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        // A name that is not UTF-8 is none of ours.
        let named = |(name, value): (OsString, OsString)| name.into_string().ok().map(|name| (name, value));
        Self { place, environment: environment.into_iter().filter_map(named).collect(), sources: Sources::system() }
    }

    /// The values in force, with the `flags` of the command besides those of every command.
    pub(super) fn values(&self, flags: Vec<Flag>) -> Result<Values> {
        let mut layers = Layers { flags, environment: self.environment.clone(), file: self.settings_file()? };
        layers.flags.extend(self.place.flags());
        Ok(Values::collect(&layers))
    }

    fn settings_file(&self) -> Result<Option<File>> {
        let Some(named) = &self.place.config else { return Ok(File::read(Path::new(SETTINGS_FILE))) };
        let missing = || Error::Refused(format!("there is no settings file {}", named.display()));
        File::read(named).ok_or_else(missing).map(Some)
    }

    /// The settings for a command that works beside a server. Its log lines are warnings and worse.
    pub(super) fn settings(&self) -> Result<Settings> {
        self.settings_of(Services::all())
    }

    /// The same, as a process has them that runs `services`.
    pub(super) fn settings_of(&self, services: Services) -> Result<Settings> {
        let settings = Settings::read(&mut self.values(Vec::new())?, services)?;
        self.start_logging(&settings)?;
        Ok(settings)
    }

    fn start_logging(&self, settings: &Settings) -> Result<()> {
        telemetry::start_logging(&Log { filter: LogFilter::warnings(), collector: None, ..settings.log.clone() })?;
        Ok(())
    }

    /// The database of a platform that has run before, with the tables of the bus and of `owner` as this program knows
    /// them. It may be in use by another version, so nothing is brought up to date here.
    pub(super) async fn database(&self, owner: Migrations) -> Result<Database> {
        let settings = self.settings()?;
        let database = self.context(&settings).await?.database;
        database.check_schema(owner).await?;
        Ok(database)
    }

    /// The same with the tables of `service`, also where a process of it alone has another database than one that runs all
    /// services.
    pub(super) async fn database_of(&self, service: ServiceName) -> Result<Database> {
        let owner = service.facts().migrations;
        let alone = self.settings_of(Services::chosen(&[service]))?;
        let settings = self.in_use(alone, owner).await?;
        let database = self.context(&settings).await?.database;
        database.check_schema(owner).await?;
        Ok(database)
    }

    /// The settings of a process that runs the owner `alone`, or of one that runs all services: where no setting names the
    /// database, each has a default of its own, and the one in use is the one that has the tables of `owner`.
    async fn in_use(&self, alone: Settings, owner: Migrations) -> Result<Settings> {
        // Settings that contradict each other in one process are those of several.
        let Ok(all) = Settings::read(&mut self.values(Vec::new())?, Services::all()) else { return Ok(alone) };
        let (DatabaseChoice::Postgres(own), DatabaseChoice::Postgres(common)) =
            (&alone.state.database, &all.state.database)
        else {
            return Ok(alone);
        };
        if own == common {
            return Ok(alone);
        }
        let is_own = platform::has_tables(own, owner, &self.sources).await?;
        let is_common = platform::has_tables(common, owner, &self.sources).await?;
        match (is_own, is_common) {
            (true, true) => Err(Error::Refused(format!(
                "{} has tables in {own} and in {common}: name the one in use with DB_NAME",
                owner.owner
            ))),
            (false, true) => Ok(all),
            (_, false) => Ok(alone),
        }
    }

    /// The ports of a platform that has run before; all but the database are absent.
    pub(super) async fn context(&self, settings: &Settings) -> Result<Context> {
        let folder = DataFolder::at(&settings.state.data);
        let is_embedded = settings.state.database == DatabaseChoice::Embedded;
        if is_embedded {
            folder.check_used()?;
        }
        let opened = platform::open_beside_server(&settings.state, &folder, &self.sources).await;
        let context = if is_embedded { folder.explain(opened) } else { opened }?;
        context.database.check_schema(bus::MIGRATIONS).await?;
        Ok(context)
    }

    /// The database with the tables of `services`, up to date; made when missing.
    pub(super) async fn migrated(&self, services: Services) -> Result<Database> {
        let settings = Settings::read(&mut self.values(Vec::new())?, services)?;
        self.start_logging(&settings)?;
        let folder = DataFolder::at(&settings.state.data);
        let is_embedded = settings.state.database == DatabaseChoice::Embedded;
        if is_embedded {
            folder.make()?;
        }
        let migrated = async {
            let context = platform::open_beside_server(&settings.state, &folder, &self.sources).await?;
            platform::migrate(&context.database, &settings.services).await?;
            Ok(context.database)
        }
        .await;
        if is_embedded { folder.explain(migrated) } else { migrated }
    }

    /// Whether `service` is embedded and no platform has run yet in its data folder.
    pub(super) fn is_new(&self, service: ServiceName) -> Result<bool> {
        let settings = Settings::read(&mut self.values(Vec::new())?, Services::chosen(&[service]))?;
        let is_embedded = settings.state.database == DatabaseChoice::Embedded;
        Ok(is_embedded && DataFolder::at(&settings.state.data).check_used().is_err())
    }
}
