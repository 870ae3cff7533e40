//! The settings file: the names of the table in lower case, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::bounded::read_text;
use super::given::BadSetting;
use super::table::{Kind, Row, TABLE};

/// The longest settings file, in bytes; every setting with a long value has room in it many times.
const LONGEST_FILE: usize = 1024 * 1024;

/// A settings file, as far as it can be read.
pub struct File {
    pub(super) path: PathBuf,
    pub(super) texts: BTreeMap<String, String>,
    faults: Vec<BadSetting>,
}

impl File {
    /// Reads the file at `path`; `None` if there is none.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        match read_text(path, LONGEST_FILE) {
            Ok(text) => Some(Self::parse(path, &text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                let fault = BadSetting::new(format!("{} can't be read: {error}", path.display()));
                Some(Self { path: path.to_owned(), texts: BTreeMap::new(), faults: vec![fault] })
            }
        }
    }

    /// Reads `text` as the file at `path`.
    #[must_use]
    pub fn parse(path: &Path, text: &str) -> Self {
        let mut file = Self { path: path.to_owned(), texts: BTreeMap::new(), faults: Vec::new() };
        match text.parse::<toml::Table>() {
            Ok(table) => table.iter().for_each(|(key, value)| file.take(key, value)),
            Err(error) => file.faults.push(file.fault(&not_toml(text, &error))),
        }
        file
    }

    /// Why the file, or an entry of it, can't be used: it is no TOML, or an entry is no setting of ours.
    #[must_use]
    pub fn faults(&self) -> &[BadSetting] {
        &self.faults
    }

    fn take(&mut self, key: &str, value: &toml::Value) {
        match (row_of(key), plain_text(value)) {
            (None, _) => self.faults.push(self.fault(&format!("unknown setting {key}"))),
            (Some(row), None) => {
                let fault = self.fault(&format!("{key} is no text, whole number, truth value or list of texts"));
                self.faults.push(fault.beside(row));
            }
            (Some(_), Some(text)) => {
                self.texts.insert(key.to_owned(), text);
            }
        }
    }

    fn fault(&self, reason: &str) -> BadSetting {
        BadSetting::new(format!("{}: {reason}", self.path.display()))
    }
}

/// The parser's own display spans several lines and quotes the file, which may hold a secret.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line} can't be read: {}", error.message())
}

fn row_of(key: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| {
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
