//! One call of the program: what every command takes from outside, and how it gets at settings and the database.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use clock::Sources;
use database::Database;
use kit::Context;

use crate::command_line::Place;
use crate::data_folder::DataFolder;
use crate::error::{Error, Result};
use crate::platform;
use crate::settings::value::LogFilter;
use crate::settings::{File, Flag, Layers, Log, Services, Settings, Values};
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
        Ok(Values::collect(&layers)?)
    }

    fn settings_file(&self) -> Result<Option<File>> {
        let Some(named) = &self.place.config else { return Ok(File::read(Path::new(SETTINGS_FILE))?) };
        let missing = || Error::Refused(format!("there is no settings file {}", named.display()));
        File::read(named)?.ok_or_else(missing).map(Some)
    }

    /// The settings for a command that works beside a server. Its log lines are warnings and worse.
    pub(super) fn settings(&self) -> Result<Settings> {
        let settings = Settings::read(&mut self.values(Vec::new())?, Services::all())?;
        telemetry::start_logging(&Log { filter: LogFilter::warnings(), collector: None, ..settings.log.clone() })?;
        Ok(settings)
    }

    /// The database of a platform that has run before.
    pub(super) async fn database(&self) -> Result<Database> {
        let settings = self.settings()?;
        Ok(self.context(&settings).await?.database)
    }

    /// The ports of a platform that has run before; all but the database are absent.
    pub(super) async fn context(&self, settings: &Settings) -> Result<Context> {
        let folder = DataFolder::at(&settings.state.data);
        folder.check_used()?;
        self.open(settings, &folder).await
    }

    /// The database, made when missing.
    pub(super) async fn made_database(&self) -> Result<Database> {
        let settings = self.settings()?;
        let folder = DataFolder::at(&settings.state.data);
        folder.make()?;
        Ok(self.open(&settings, &folder).await?.database)
    }

    async fn open(&self, settings: &Settings, folder: &DataFolder) -> Result<Context> {
        let context = platform::open_beside_server(&settings.state, folder, &self.sources).await?;
        platform::migrate(&context.database, &settings.services).await?;
        Ok(context)
    }
}
