//! What the operator decides: every setting read once, checked and turned into types.
//!
//! Pure: values come from [`Layers`], which `main` fills from flags, environment and file. Why layering is ours and no
//! library's stands in decision 4.

mod bounded;
mod demo;
mod file;
mod given;
mod http;
mod identity;
mod kafka;
mod layers;
mod mail;
mod postgres;
mod redis;
mod serving;
pub mod table;
pub mod value;
mod values;

use std::path::PathBuf;

use bus::BusUrl;
use contracts::Secret;

use crate::services::Services;

pub use demo::Demo;
pub use file::File;
pub use given::{BadSetting, Source};
pub use http::Http;
pub use layers::{Flag, Layers};
pub use mail::Mail;
pub use postgres::DatabaseChoice;
pub use redis::EphemeralChoice;
pub use value::kafka::SecurityProtocol;
pub use value::mail::{LinkBase, Sender};
pub use value::postgres::PostgresUrl;
pub use values::Values;

/// Everything that the operator decides.
#[derive(Clone)]
pub struct Settings {
    /// What this process runs.
    pub services: Services,
    /// How it is reached.
    pub http: Http,
    /// Where its state stands.
    pub state: State,
    /// How its users sign in.
    pub identity: auth::Settings,
    /// How its mails leave.
    pub mail: Mail,
    /// How its campaigns go on.
    pub user: user::Settings,
    /// How it logs.
    pub log: Log,
    /// How it demonstrates, where it does.
    pub demo: Option<Demo>,
    /// Whether the kitchens of a demo are to cook; `None` where nobody has said it.
    demo_kitchens: Option<bool>,
}

/// Where the state stands, one choice per port.
#[derive(Clone)]
pub struct State {
    /// The folder of what is embedded.
    pub data: PathBuf,
    /// The root key. When absent, one is made and kept: in the data folder, or on Postgres in the database.
    pub secret_key: Option<Secret>,
    /// The database.
    pub database: DatabaseChoice,
    /// The store of what expires.
    pub ephemeral: EphemeralChoice,
    /// The log of events.
    pub bus: BusUrl,
}

/// How the process logs.
#[derive(Clone)]
pub struct Log {
    /// The form of a line.
    pub format: value::LogFormat,
    /// What is logged.
    pub filter: value::LogFilter,
    /// Where spans are sent.
    pub collector: Option<LinkBase>,
}

impl Settings {
    /// Reads `values` for a process that runs `services`, and adds the defaults that depend on others to them.
    ///
    /// # Errors
    /// The first setting that can't be used.
    pub fn read(values: &mut Values, services: Services) -> Result<Self, BadSetting> {
        values.check()?;
        let state = State::read(values, &services)?;
        let http = Http::read(values, &services, &state)?;
        Ok(Self {
            identity: identity::read(values, &http)?,
            http,
            mail: Mail::read(values)?,
            user: user::Settings { commercial_mails_per_second: values.take(&table::COMMERCIAL_MAILS_PER_SECOND)? },
            log: Log::read(values)?,
            demo: None,
            demo_kitchens: values.get(&table::DEMO_KITCHENS)?,
            state,
            services,
        })
    }
}

impl Log {
    fn read(values: &mut Values) -> Result<Self, BadSetting> {
        Ok(Self {
            format: values.take(&table::LOG_FORMAT)?,
            filter: values.take(&table::RUST_LOG)?,
            collector: values.get(&table::OTEL_EXPORTER_OTLP_ENDPOINT)?,
        })
    }
}

impl State {
    fn read(values: &mut Values, services: &Services) -> Result<Self, BadSetting> {
        let secret_key = values.get(&table::SECRET_KEY)?;
        if secret_key.as_ref().is_some_and(identity::is_weak) {
            return Err(values.fault(table::SECRET_KEY.row, "it has fewer than 32 bytes"));
        }
        Ok(Self {
            data: values.take(&table::DATA_DIR)?,
            secret_key,
            database: DatabaseChoice::read(values, services)?,
            ephemeral: EphemeralChoice::read(values, services)?,
            bus: kafka::read(values, services)?,
        })
    }

    /// Whether no other program is needed.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database == DatabaseChoice::Embedded
            && self.ephemeral == EphemeralChoice::Embedded
            && self.bus == BusUrl::Embedded
    }

    /// Whether anything stands in the data folder.
    #[must_use]
    pub fn embeds_any(&self) -> bool {
        self.database == DatabaseChoice::Embedded
            || self.ephemeral == EphemeralChoice::Embedded
            || self.bus == BusUrl::Embedded
    }
}
