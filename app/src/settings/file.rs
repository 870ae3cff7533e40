//! The settings file: the names of the table in lower case, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::table::{Kind, TABLE};
use super::values::BadSetting;

/// A settings file that was read.
pub struct File {
    pub(super) path: PathBuf,
    pub(super) texts: BTreeMap<String, String>,
}

impl File {
    /// Reads the file at `path`; `None` if there is none.
    ///
    /// # Errors
    /// It can't be read, is no TOML, or has an entry that is no setting of ours.
    pub fn read(path: &Path) -> Result<Option<Self>, BadSetting> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BadSetting(format!("{} can't be read: {error}", path.display()))),
        }
    }

    /// Reads `text` as the file at `path`.
    ///
    /// # Errors
    /// It is no TOML, or has an entry that is no setting of ours.
    pub fn parse(path: &Path, text: &str) -> Result<Self, BadSetting> {
        let fault = |reason: String| BadSetting(format!("{}: {reason}", path.display()));
        let table: toml::Table = text.parse().map_err(|error| fault(not_toml(text, &error)))?;
        let mut texts = BTreeMap::new();
        for (key, value) in table {
            if !is_known(&key) {
                return Err(fault(format!("unknown setting {key}")));
            }
            let text = plain_text(&value)
                .ok_or_else(|| fault(format!("{key} is no text, whole number, truth value or list of texts")))?;
            texts.insert(key, text);
        }
        Ok(Self { path: path.to_owned(), texts })
    }
}

/// The parser's own display spans several lines and quotes the file, which may hold a secret.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line} can't be read: {}", error.message())
}

fn is_known(key: &str) -> bool {
    TABLE.iter().any(|row| {
        let name = row.name.to_ascii_lowercase();
        key == name || (row.kind == Kind::Secret && key.strip_suffix("_file") == Some(&name))
    })
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(parts) => {
            let parts: Option<Vec<&str>> = parts.iter().map(toml::Value::as_str).collect();
            parts.map(|parts| parts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}
