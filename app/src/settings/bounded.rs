//! Files that somebody names, read as far as they can be what they should be: a device may have no end.

use std::fs;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Reads the text of the file at `path`, which has no more than `longest` bytes.
pub(super) fn read_text(path: &Path, longest: usize) -> Result<String> {
    let mut start = Vec::new();
    fs::File::open(path)?.take(longest as u64 + 1).read_to_end(&mut start)?;
    if start.len() > longest {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it holds more than {longest} bytes")));
    }
    String::from_utf8(start).map_err(|_| Error::new(ErrorKind::InvalidData, "it is not UTF-8"))
}
