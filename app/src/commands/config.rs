//! `config`: every setting, its value and where that came from.

use serde::Serialize;

use crate::command_line::Config;
use crate::error::Result;
use crate::services::Services;
use crate::settings::table::{Row, TABLE};
use crate::settings::{BadSetting, Settings, Values};
use crate::terminal::{Format, say, say_json};

use super::invocation::Invocation;

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    /// None when nobody gave one and the table has no default.
    value: Option<String>,
    source: Option<String>,
    /// Why it can't be used, if it can't.
    fault: Option<String>,
    about: &'static str,
}

impl Shown {
    fn of(row: &Row, values: &Values, faults: &[BadSetting]) -> Self {
        let (value, source) = values.show(row).map(|(text, source)| (text, source.to_string())).unzip();
        let fault = faults.iter().find(|fault| fault.setting == Some(row.name)).map(|fault| fault.reason.clone());
        Self { name: row.name, value, source, fault, about: row.about }
    }

    /// Two lines, a third between them for a fault: values and meanings are too long for columns.
    fn lines(&self) -> String {
        let Self { name, about, .. } = self;
        let value = match (&self.value, &self.source) {
            (Some(value), Some(source)) => format!("{name} = {value}  ({source})"),
            _ => format!("{name} is not set"),
        };
        let fault = self.fault.as_ref().map(|reason| format!("\n    WRONG: {reason}")).unwrap_or_default();
        format!("{value}{fault}\n    {about}")
    }
}

/// Shows every setting, also when some can't be used; that is reported beside them and afterwards.
pub(super) fn run(invocation: &Invocation, config: &Config) -> Result<()> {
    let mut values = invocation.values(Vec::new())?;
    let faults = faults(&mut values, Services::chosen(&config.services));
    let shown: Vec<Shown> = TABLE.iter().map(|row| Shown::of(row, &values, &faults)).collect();
    match config.listing.format() {
        Format::Json => say_json(&shown)?,
        Format::Table => shown.iter().try_for_each(|setting| say(&setting.lines()))?,
    }
    faults.into_iter().next().map_or(Ok(()), |fault| Err(fault.into()))
}

/// What is wrong with single values, else with how they go together. Adds the defaults that depend on others to `values`.
fn faults(values: &mut Values, services: Services) -> Vec<BadSetting> {
    let wrong = values.set_wrong_aside();
    let read = Settings::read(values, services);
    if wrong.is_empty() { read.err().into_iter().collect() } else { wrong }
}
