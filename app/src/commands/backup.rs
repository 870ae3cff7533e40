//! `backup FILE`: a consistent copy of a running platform's database.
//!
//! One file, an ordinary SQLite database. The root key is not in it, so that a lost backup opens nothing; the store of what
//! expires is not either, because it is rebuilt from the database.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use database::Database;

use crate::disk;
use crate::error::{Error, Result};
use crate::terminal::say;

use super::invocation::Invocation;

pub(super) async fn run(invocation: &Invocation, file: &Path) -> Result<()> {
    if file.symlink_metadata().is_ok() {
        return Err(taken(file));
    }
    let draft = draft_beside(file)?;
    let database = invocation.database(bus::MIGRATIONS).await?;
    let copied = copy(&database, &draft).await;
    database.close().await?;
    let placed = copied.and_then(|()| put_in_place(&draft, file));
    let full = || format!("the disk of the backup {} is full", file.display());
    if let Err(error) = disk::explain(placed, folder_of(file), full) {
        // What is left of it, if anything, is of no use.
        let _already_gone = fs::remove_file(&draft);
        return Err(error);
    }
    say(&format!("The database was copied to {}.", file.display()))?;
    say("To restore, put it into an empty data folder as lezzetlimani.db, with the secret.key of this one beside it.")?;
    say("Keep a copy of secret.key (or of SECRET_KEY) elsewhere: without it no sealed value can be opened.")
}

fn taken(file: &Path) -> Error {
    Error::Refused(format!("{} exists already; a backup replaces nothing", file.display()))
}

/// On the same disk, so that it gets its name in one step, and only when it is whole.
fn draft_beside(file: &Path) -> Result<PathBuf> {
    let name = file.file_name();
    let mut name = name.ok_or_else(|| Error::Refused(format!("{} names no file", file.display())))?.to_owned();
    name.push(format!(".{}.part", std::process::id()));
    Ok(file.with_file_name(name))
}

async fn copy(database: &Database, draft: &Path) -> Result<()> {
    let failed = || format!("the backup can't be written beside {}", draft.display());
    // Empty files are taken over as they are, so this one stays its owner's alone.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft).with_context(failed)?;
    database.copy_to(draft).await?;
    Ok(())
}

/// A second name is given only where there is none yet, also when several make a backup at once; a rename would replace what
/// came meanwhile.
fn put_in_place(draft: &Path, file: &Path) -> Result<()> {
    let place = || -> io::Result<()> {
        File::open(draft)?.sync_all()?;
        match fs::hard_link(draft, file) {
            // Some file systems, such as FAT, know one name for a file.
            Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported) => {
                fs::rename(draft, file)?;
            }
            linked => linked.and_then(|()| fs::remove_file(draft))?,
        }
        File::open(folder_of(file))?.sync_all()
    };
    match place() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(file)),
        placed => Ok(placed.with_context(|| format!("the backup {} can't be written", file.display()))?),
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
