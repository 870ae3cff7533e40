//! The values in force, each with its source, before and while they are read into types.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::layers::Layers;
use super::table::{Kind, Row, Setting, TABLE};

/// All values in force, by name.
pub struct Values(BTreeMap<&'static str, Given>);

/// A value before it is read.
pub(super) struct Given {
    pub(super) text: String,
    pub(super) source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// This flag of the command line.
    Flag(&'static str),
    /// The environment variable of this name.
    Environment(String),
    /// This settings file.
    File(PathBuf),
    /// The file at `path`.
    SecretFile {
        /// The file that holds the value.
        path: PathBuf,
        /// The source of its name.
        named_by: String,
    },
    /// Nobody gave one.
    Default,
}

/// A setting that can't be used, in one line that names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);

impl Given {
    /// `text` without the space around it, unless nothing is left.
    pub(super) fn of(text: &str, source: Source) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self { text: text.to_owned(), source })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::SecretFile { path, named_by } => write!(f, "{named_by}, file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Values {
    /// Takes each setting of the table from the strongest layer that has it, else from the table.
    ///
    /// # Errors
    /// A layer holds something that can't be a value at all.
    pub fn collect(layers: &Layers) -> Result<Self, BadSetting> {
        let mut values = BTreeMap::new();
        for row in TABLE {
            let default = || row.default.map(|text| Given { text: text.to_owned(), source: Source::Default });
            if let Some(given) = layers.find(row)?.or_else(default) {
                values.insert(row.name, given);
            }
        }
        Ok(Self(values))
    }

    /// Reads every value once, also those that nobody uses at present: a fault should not wait for its day.
    pub(super) fn check(&self) -> Result<(), BadSetting> {
        let given = TABLE.iter().filter_map(|row| self.0.get(row.name).map(|given| (row, given)));
        given
            .into_iter()
            .try_for_each(|(row, given)| (row.check)(&given.text).map_err(|reason| self.fault(*row, &reason)))
    }

    /// The value of `setting`, if it has one.
    ///
    /// # Errors
    /// Its text can't be read.
    pub fn get<T>(&self, setting: &Setting<T>) -> Result<Option<T>, BadSetting> {
        let Some(given) = self.0.get(setting.row.name) else { return Ok(None) };
        (setting.parse)(&given.text).map(Some).map_err(|reason| self.fault(setting.row, &reason))
    }

    /// The value of `setting`, which has a default.
    pub(super) fn take<T>(&self, setting: &Setting<T>) -> Result<T, BadSetting> {
        self.get(setting)?.ok_or_else(|| BadSetting(format!("{} is missing", setting.row.name)))
    }

    /// The value of `setting`, or `default`, which depends on other settings.
    pub(super) fn take_or<T>(&mut self, setting: &Setting<T>, default: impl fmt::Display) -> Result<T, BadSetting> {
        let computed = || Given { text: default.to_string(), source: Source::Default };
        self.0.entry(setting.row.name).or_insert_with(computed);
        self.take(setting)
    }

    /// Says what is wrong with the value of `row`.
    pub(super) fn fault(&self, row: Row, reason: &str) -> BadSetting {
        let name = row.name;
        BadSetting(match (self.0.get(name), row.kind) {
            (None, _) => format!("{name}: {reason}"),
            (Some(given), Kind::Plain) => format!("{name}={} ({}): {reason}", given.text, given.source),
            (Some(given), Kind::Secret) => format!("{name} ({}): {reason}", given.source),
        })
    }

    /// The value of `row` as it may be shown, with its source.
    #[must_use]
    pub fn show(&self, row: &Row) -> Option<(String, &Source)> {
        let given = self.0.get(row.name)?;
        let text = match row.kind {
            Kind::Plain => given.text.clone(),
            Kind::Secret => "********".to_owned(),
        };
        Some((text, &given.source))
    }
}
