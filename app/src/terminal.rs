//! What commands say on standard output: tables for people, JSON for programs.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use serde::Serialize;

use crate::error::{Error, Result};

/// How a listing is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns.
    Table,
    /// One JSON document.
    Json,
}

/// Writes `line`. A reader that went away, as `head` does, is no failure.
pub(crate) fn say(line: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output can't be written")?
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes what went wrong to standard error, in one line.
pub(crate) fn complain(error: &Error) {
    let line = error.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; ");
    // Where even that can't be written, the exit code is all that is left to tell it.
    let _unheard = writeln!(std::io::stderr().lock(), "lezzetlimani: {line}");
}

/// Writes `value` as indented JSON.
pub(crate) fn say_json(value: &impl Serialize) -> Result<()> {
    say(&serde_json::to_string_pretty(value).context("the answer is no JSON")?)
}

/// Writes `rows` under `heads`, each column as wide as its widest cell.
pub(crate) fn say_table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    say(&line(&heads.map(str::to_owned), &widths))?;
    rows.iter().try_for_each(|row| say(&line(row, &widths)))
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize]) -> String {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}
