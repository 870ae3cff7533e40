//! The values in force, each with its source, before and while they are read into types.

use std::collections::BTreeMap;
use std::fmt;

use super::given::{BadSetting, Given, Source};
use super::layers::Layers;
use super::table::{Kind, Row, Setting, TABLE};

/// All values in force, by name.
pub struct Values {
    given: BTreeMap<&'static str, Given>,
    /// What can't be read, where it has made way for the default.
    set_aside: BTreeMap<&'static str, Given>,
    /// What the layers hold that is no value at all.
    faults: Vec<BadSetting>,
}

impl Values {
    /// Takes each setting of the table from the strongest layer that has it, else from the table. What can't be a value is
    /// told by [`super::Settings::read`].
    #[must_use]
    pub fn collect(layers: &Layers) -> Self {
        let mut values = Self { given: BTreeMap::new(), set_aside: BTreeMap::new(), faults: layers.faults() };
        for row in TABLE {
            let found = layers.find(row).unwrap_or_else(|fault| {
                values.faults.push(fault.beside(row));
                None
            });
            if let Some(given) = found.or_else(|| Given::default_of(row)) {
                values.given.insert(row.name, given);
            }
        }
        values
    }

    /// Reads every value once, also those that nobody uses at present: a fault should not wait for its day.
    pub(super) fn check(&self) -> Result<(), BadSetting> {
        match self.faults.first() {
            Some(fault) => Err(fault.clone()),
            None => TABLE.iter().find_map(|row| self.fault_of(row)).map_or(Ok(()), Err),
        }
    }

    /// Has each value that can't be read make way for its default, so that the rest can be, and names them all.
    pub(crate) fn set_wrong_aside(&mut self) -> Vec<BadSetting> {
        let mut faults = std::mem::take(&mut self.faults);
        for row in TABLE {
            let Some(fault) = self.fault_of(row) else { continue };
            faults.push(fault);
            let wrong = self.given.remove(row.name);
            self.set_aside.extend(wrong.map(|given| (row.name, given)));
            self.given.extend(Given::default_of(row).map(|given| (row.name, given)));
        }
        faults
    }

    fn fault_of(&self, row: &Row) -> Option<BadSetting> {
        let given = self.given.get(row.name)?;
        (row.check)(&given.text).err().map(|reason| self.fault(*row, &reason))
    }

    /// The value of `setting`, if it has one.
    ///
    /// # Errors
    /// Its text can't be read.
    pub fn get<T>(&self, setting: &Setting<T>) -> Result<Option<T>, BadSetting> {
        let Some(given) = self.given.get(setting.row.name) else { return Ok(None) };
        (setting.parse)(&given.text).map(Some).map_err(|reason| self.fault(setting.row, &reason))
    }

    /// The value of `setting`, which has a default.
    pub(super) fn take<T>(&self, setting: &Setting<T>) -> Result<T, BadSetting> {
        self.get(setting)?
            .ok_or_else(|| BadSetting::new(format!("{} is missing", setting.row.name)).beside(&setting.row))
    }

    /// The value of `setting`, or `default`, which depends on other settings.
    pub(super) fn take_or<T>(&mut self, setting: &Setting<T>, default: impl fmt::Display) -> Result<T, BadSetting> {
        let computed = || Given { text: default.to_string(), source: Source::Default };
        self.given.entry(setting.row.name).or_insert_with(computed);
        self.take(setting)
    }

    /// Says what is wrong with the value of `row`.
    pub(super) fn fault(&self, row: Row, reason: &str) -> BadSetting {
        let name = row.name;
        let subject = match (self.given.get(name), row.kind) {
            (None, _) => name.to_owned(),
            (Some(given), Kind::Plain) => format!("{name}={} ({})", given.plain(), given.source),
            (Some(given), Kind::Secret) => format!("{name} ({})", given.source),
        };
        BadSetting::new(reason).of(subject).beside(&row)
    }

    /// The value of `row` as it may be shown, with its source; also one that can't be read.
    #[must_use]
    pub fn show(&self, row: &Row) -> Option<(String, &Source)> {
        let given = self.set_aside.get(row.name).or_else(|| self.given.get(row.name))?;
        let text = match row.kind {
            Kind::Plain => given.plain(),
            Kind::Secret => "********".to_owned(),
        };
        Some((text, &given.source))
    }
}
