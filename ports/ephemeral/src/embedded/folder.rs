//! What lies in the folder: a fjall database, tuned to be small.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use fjall::{Database, Keyspace, KeyspaceCreateOptions};

use super::fault::unavailable;
use crate::{EphemeralError, Result};

// The whole platform idles in 60 MB, and what lives here is small: little stays in memory, the page cache does the rest.
const CACHED_BLOCKS: u64 = 2 << 20;
const CACHED_FILES: usize = 64;
const UNWRITTEN_ROWS: u64 = 2 << 20;
const JOURNALS: u64 = 64 << 20;
/// One compacts while the other makes room for new writes.
const WORKERS: usize = 2;

/// Opens the database in `folder`, which is made when missing, and its rows.
pub(super) fn open(folder: &Path) -> Result<(Database, Keyspace)> {
    if is_empty(folder).map_err(unavailable)? {
        make(folder)?;
    }
    // fjall would move in with whatever else lies there.
    if journals(folder).map_err(unavailable)?.is_empty() {
        return Err(EphemeralError::Unavailable(format!("{} holds something else", folder.display()).into()));
    }
    open_made(folder).map_err(unavailable)
}

/// Forces all journals to the disk. fjall's own way keeps every writer waiting for as long as that takes.
pub(super) fn sync_journals(folder: &Path) -> Result<()> {
    for journal in journals(folder).map_err(unavailable)? {
        sync(&journal).map_err(unavailable)?;
    }
    Ok(())
}

fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut journals = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "jnl") {
            journals.push(file);
        }
    }
    Ok(journals)
}

fn sync(journal: &Path) -> io::Result<()> {
    match File::open(journal) {
        Ok(journal) => journal.sync_data(),
        // Deleted meanwhile, because all of it stands in tables, which fjall forced to the disk.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a database beside `folder` and moves it there whole: fjall can't open what a kill left half-made.
fn make(folder: &Path) -> Result<()> {
    let unfinished = folder.with_added_extension("new");
    match std::fs::remove_dir_all(&unfinished) {
        Ok(()) => (),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (),
        Err(error) => return Err(unavailable(error)),
    }
    drop(open_made(&unfinished).map_err(unavailable)?);
    std::fs::rename(&unfinished, folder).map_err(unavailable)
}

fn open_made(folder: &Path) -> fjall::Result<(Database, Keyspace)> {
    let database = Database::builder(folder)
        .cache_size(CACHED_BLOCKS)
        .max_cached_files(Some(CACHED_FILES))
        .max_journaling_size(JOURNALS)
        .worker_threads(WORKERS)
        .open()?;
    let rows = database.keyspace("rows", || KeyspaceCreateOptions::default().max_memtable_size(UNWRITTEN_ROWS))?;
    Ok((database, rows))
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut files) => Ok(files.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
