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
    // Where even that can't be written, the exit code is all that is left to say it.
    let _unheard = writeln!(std::io::stderr().lock(), "lezzetlimani: {line}");
}

/// Writes `value` as indented JSON.
pub(crate) fn say_json(value: &impl Serialize) -> Result<()> {
    say(&serde_json::to_string_pretty(value).context("the answer is no JSON")?)
}

/// Writes `rows` under `heads`, each column as wide as its widest cell.
pub(crate) fn say_table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> Result<()> {
    let mut widths = heads.map(|head| head.chars().count());
    widen(&mut widths, rows);
    say(&line(&heads.map(str::to_owned), &widths))?;
    rows.iter().try_for_each(|row| say(&line(row, &widths)))
}

/// A listing that is written part by part, however long it is. A column of a table widens where a later part needs it.
pub(crate) struct Listing<const N: usize, T> {
    format: Format,
    heads: [&'static str; N],
    row: fn(&T) -> [String; N],
    widths: [usize; N],
    has_begun: bool,
    count: usize,
}

impl<const N: usize, T: Serialize> Listing<N, T> {
    pub(crate) fn new(format: Format, heads: [&'static str; N], row: fn(&T) -> [String; N]) -> Self {
        Self { format, heads, row, widths: heads.map(|head| head.chars().count()), has_begun: false, count: 0 }
    }

    /// Writes `items` behind what was written before.
    pub(crate) fn add(&mut self, items: &[T]) -> Result<()> {
        self.count += items.len();
        match self.format {
            Format::Table => {
                let rows: Vec<_> = items.iter().map(self.row).collect();
                widen(&mut self.widths, &rows);
                self.begin()?;
                rows.iter().try_for_each(|row| say(&line(row, &self.widths)))
            }
            Format::Json => items.iter().try_for_each(|item| {
                let comma = if self.has_begun { "," } else { "" };
                self.begin()?;
                say(&format!("{comma}{}", serde_json::to_string(item).context("an item is no JSON")?))
            }),
        }
    }

    /// How many items were written.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Writes what belongs behind the last item, and answers `done`. Where that is an error, nothing is written but what was
    /// begun is ended.
    pub(crate) fn end(mut self, done: Result<()>) -> Result<()> {
        if done.is_err() && !self.has_begun {
            return done;
        }
        self.begin()?;
        match self.format {
            Format::Table => {}
            Format::Json => say("]")?,
        }
        done
    }

    fn begin(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.has_begun, true) {
            return Ok(());
        }
        match self.format {
            Format::Table => say(&line(&self.heads.map(str::to_owned), &self.widths)),
            Format::Json => say("["),
        }
    }
}

/// At most `width` characters of `text` for one cell of a table.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    let mut kept: String = text.chars().take(width).collect();
    if text.chars().nth(width).is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

fn widen<const N: usize>(widths: &mut [usize; N], rows: &[[String; N]]) {
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
}

/// `text` in one line and without what a terminal obeys: others may have written it.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn line<const N: usize>(cells: &[String; N], widths: &[usize; N]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{:width$}", visible(cell))).collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_wider_than_it_may_be() {
        assert_eq!(shortened("restoran-1", 10), "restoran-1");
        assert_eq!(shortened("restoran-12", 10), "restoran-…");
        assert_eq!(shortened(&"ş".repeat(100_000), 40).chars().count(), 40);
    }

    #[test]
    fn what_others_wrote_begins_no_line_and_says_nothing_to_the_terminal() {
        let cells = ["a\nb".to_owned(), "\u{1b}]0;x\u{7}\u{9b}2J".to_owned()];

        assert_eq!(line(&cells, &[3, 8]), "a\u{fffd}b  \u{fffd}]0;x\u{fffd}\u{fffd}2J");
    }
}
