//! Where values come from: flags, then the environment, then the file.

use std::collections::HashMap;
use std::ffi::OsString;

use super::bounded::read_text;
use super::file::File;
use super::given::{BadSetting, Given, Source};
use super::table::{Kind, Row};

/// Everything that may hold a value, the strongest first. Read from outside once, by `main`.
#[derive(Default)]
pub struct Layers {
    /// What stood on the command line.
    pub flags: Vec<Flag>,
    /// The environment of the process.
    pub environment: HashMap<String, OsString>,
    /// The settings file, if there is one.
    pub file: Option<File>,
}

/// A setting on the command line.
pub struct Flag {
    /// Which setting.
    pub name: &'static str,
    /// How it is written there.
    pub flag: &'static str,
    /// Its value.
    pub text: String,
}

/// The longest text of a file that holds a secret, in bytes.
const LONGEST_SECRET: usize = 64 * 1024;

type Layer = fn(&Layers, &str) -> Result<Option<Given>, BadSetting>;

impl Layers {
    /// The value of the strongest layer that has one. An empty value counts as none, as container tools send it.
    pub(super) fn find(&self, row: &Row) -> Result<Option<Given>, BadSetting> {
        let layers: [Layer; 3] = [Self::in_flags, Self::in_environment, Self::in_file];
        for layer in layers {
            if let Some(given) = self.find_in(layer, row)? {
                return Ok(Some(given));
            }
        }
        Ok(None)
    }

    /// What the layers hold that no setting of the table can be asked for.
    pub(super) fn faults(&self) -> Vec<BadSetting> {
        self.file.iter().flat_map(|file| file.faults().iter().cloned()).collect()
    }

    fn find_in(&self, layer: Layer, row: &Row) -> Result<Option<Given>, BadSetting> {
        let plain = layer(self, row.name)?;
        if row.kind == Kind::Plain {
            return Ok(plain);
        }
        let file_name = format!("{}_FILE", row.name);
        match (plain, layer(self, &file_name)?) {
            (plain, None) => Ok(plain),
            (None, Some(file)) => read_secret(&file_name, &file).map(Some),
            (Some(_), Some(_)) => Err(BadSetting::new(format!("{} and {file_name} are both given", row.name))),
        }
    }

    fn in_flags(&self, name: &str) -> Result<Option<Given>, BadSetting> {
        let found = self.flags.iter().find(|flag| flag.name == name);
        Ok(found.and_then(|found| Given::of(&found.text, Source::Flag(found.flag))))
    }

    fn in_environment(&self, name: &str) -> Result<Option<Given>, BadSetting> {
        let Some(text) = self.environment.get(name) else { return Ok(None) };
        let text = text.to_str().ok_or_else(|| BadSetting::new(format!("{name} in the environment is not UTF-8")))?;
        Ok(Given::of(text, Source::Environment(name.to_owned())))
    }

    fn in_file(&self, name: &str) -> Result<Option<Given>, BadSetting> {
        let Some(file) = &self.file else { return Ok(None) };
        let text = file.texts.get(&name.to_ascii_lowercase());
        Ok(text.and_then(|text| Given::of(text, Source::File(file.path.clone()))))
    }
}

fn read_secret(name: &str, file: &Given) -> Result<Given, BadSetting> {
    let fault = |reason: String| BadSetting::new(format!("{name}={} ({}): {reason}", file.text, file.source));
    let text = read_text(file.text.as_ref(), LONGEST_SECRET);
    let text = text.map_err(|error| fault(format!("it can't be read: {error}")))?;
    let source = Source::SecretFile { path: file.text.clone().into(), named_by: file.source.to_string() };
    Given::of(&text, source).ok_or_else(|| fault("it is empty".to_owned()))
}
