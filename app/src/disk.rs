//! What is said when a disk is full.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// A platform that has less than this many bytes for its files can't start, or not for long.
const ROOM: usize = 4 * 1024 * 1024;
const CHUNK: &[u8] = &[0; 64 * 1024];

/// `outcome` of writing into `folder`; where there is no room on its disk, the error says so by `reason`, which libraries call
/// anything from an I/O error to damage.
pub(crate) fn explain<T>(outcome: Result<T>, folder: &Path, reason: impl FnOnce() -> String) -> Result<T> {
    outcome.map_err(|error| match error {
        Error::Failed(error) if is_full(folder) => Error::Failed(error.context(reason())),
        Error::Failed(_) | Error::Refused(_) => error,
    })
}

/// Whether so little room is left beside the files of `folder`, also by the quota of its owner, that what could not be written
/// is explained.
fn is_full(folder: &Path) -> bool {
    let file = folder.join(format!("room.{}", std::process::id()));
    let fill = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file)?;
        (0..ROOM / CHUNK.len()).try_for_each(|_| file.write_all(CHUNK))?;
        file.sync_all()
    };
    let is_full =
        matches!(fill(), Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded));
    // It may never have been made.
    let _already_gone = fs::remove_file(&file);
    is_full
}
