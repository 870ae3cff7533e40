//! `import`: catches up with what others have written into their own tables of the same database.

use bus::dead_letters::RunMode;
use database::Database;
use kit::Imported;

use crate::command_line::{Import, ImportFirstPlatform};
use crate::error::{Error, Result};
use crate::services::{ServiceName, Services};
use crate::terminal::{Format, Listing, say};

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, import: Import) -> Result<()> {
    match import {
        Import::FirstPlatform(wanted) => first_platform(invocation, wanted).await,
    }
}

async fn first_platform(invocation: &Invocation, wanted: ImportFirstPlatform) -> Result<()> {
    let run = if wanted.dry_run { RunMode::Dry } else { RunMode::Real };
    let settings = invocation.settings_of(Services::chosen(&wanted.services))?;
    let database = invocation.context(&settings).await?.database;
    let mut listing = Listing::new(wanted.listing.format(), ["FROM", "TO", "NEW", "KNOWN", "SKIPPED"], row);
    let imported = import_each(&database, &wanted.services, run, &mut listing).await;
    listing.end(imported)?;
    database.close().await?;
    match (wanted.listing.format(), run) {
        (Format::Table, RunMode::Dry) => say("Nothing was changed."),
        (Format::Table, RunMode::Real) | (Format::Json, _) => Ok(()),
    }
}

/// Imports for the `chosen` services, or for those that find something if none was chosen.
async fn import_each(
    database: &Database,
    chosen: &[ServiceName],
    run: RunMode,
    listing: &mut Listing<5, Imported>,
) -> Result<()> {
    let mut is_any_here = false;
    for service in Services::chosen(chosen).iter() {
        match import(database, service, run).await? {
            Some(tables) => {
                is_any_here = true;
                listing.add(&tables)?;
            }
            None if chosen.is_empty() => (),
            None => return Err(nothing_here(service.as_str())),
        }
    }
    if is_any_here { Ok(()) } else { Err(nothing_here("any service")) }
}

/// `None` where the first platform has left nothing in this database for the service.
async fn import(database: &Database, service: ServiceName, run: RunMode) -> Result<Option<Vec<Imported>>> {
    match service.import() {
        Some(import) => Ok(import(database, run).await?),
        None => Ok(None),
    }
}

fn nothing_here(taker: &str) -> Error {
    Error::Refused(format!("the first platform has no table in this database from which {taker} imports"))
}

fn row(imported: &Imported) -> [String; 5] {
    let Imported { from, to, new, known, skipped } = imported;
    let skipped: Vec<_> = skipped.iter().map(|(reason, rows)| format!("{rows} ({reason})")).collect();
    let skipped = if skipped.is_empty() { "0".to_owned() } else { skipped.join(", ") };
    [(*from).to_owned(), (*to).to_owned(), new.to_string(), known.to_string(), skipped]
}
