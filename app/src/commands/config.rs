//! `config`: every setting, its value and where that came from.

use serde::Serialize;

use crate::error::Result;
use crate::settings::table::{Row, TABLE};
use crate::settings::{Services, Settings, Values};
use crate::terminal::{Format, say, say_json};

use super::invocation::Invocation;

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    /// None when nobody gave one and the table has no default.
    value: Option<String>,
    source: Option<String>,
    about: &'static str,
}

impl Shown {
    fn of(row: &Row, values: &Values) -> Self {
        let (value, source) = values.show(row).map(|(text, source)| (text, source.to_string())).unzip();
        Self { name: row.name, value, source, about: row.about }
    }

    /// Two lines: values and meanings are too long for columns.
    fn lines(&self) -> String {
        let Self { name, about, .. } = self;
        match (&self.value, &self.source) {
            (Some(value), Some(source)) => format!("{name} = {value}  ({source})\n    {about}"),
            _ => format!("{name} is not set\n    {about}"),
        }
    }
}

/// Shows the values even when one of them can't be used; that is told afterwards.
pub(super) fn run(invocation: &Invocation, format: Format) -> Result<()> {
    let mut values = invocation.values(Vec::new())?;
    let read = Settings::read(&mut values, Services::all());
    let shown: Vec<Shown> = TABLE.iter().map(|row| Shown::of(row, &values)).collect();
    match format {
        Format::Json => say_json(&shown)?,
        Format::Table => shown.iter().try_for_each(|setting| say(&setting.lines()))?,
    }
    read?;
    Ok(())
}
