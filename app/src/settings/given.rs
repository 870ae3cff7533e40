//! A value as somebody gave it, with its source, and what is wrong with one.

use std::fmt;
use std::path::PathBuf;

use super::table::Row;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting {
    /// The setting, where it is one of the table.
    pub setting: Option<&'static str>,
    /// Its name, value and source, where `reason` does not name them.
    subject: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl BadSetting {
    /// What is wrong with no setting in particular, or not with one alone.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self { setting: None, subject: None, reason: reason.into() }
    }

    /// The same of `subject`: a name, with its value and source where they may be shown.
    pub(super) fn of(self, subject: String) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// The same, to be shown beside `row`.
    pub(super) fn beside(self, row: &Row) -> Self {
        Self { setting: Some(row.name), ..self }
    }
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, reason, .. } = self;
        subject.as_ref().map_or(Ok(()), |subject| write!(f, "{subject}: "))?;
        f.write_str(reason)
    }
}

impl std::error::Error for BadSetting {}

impl Given {
    /// `text` without the space around it, unless nothing is left.
    pub(super) fn of(text: &str, source: Source) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self { text: text.to_owned(), source })
    }

    /// The text of a plain setting as it may be shown: a user and a password before the host of a URL are nobody's business.
    pub(super) fn plain(&self) -> String {
        let Some((scheme, rest)) = self.text.split_once("://") else { return self.text.clone() };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        match authority.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://********@{host}{path}"),
            None => self.text.clone(),
        }
    }

    pub(super) fn default_of(row: &Row) -> Option<Self> {
        row.default.map(|text| Self { text: text.to_owned(), source: Source::Default })
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
