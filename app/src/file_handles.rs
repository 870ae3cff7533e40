//! How many files and connections the process may have open.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes all that the system grants. Where a process is not told otherwise it begins with 1024, for the sake of programs that know
/// no more.
///
/// # Errors
/// The system refuses; the limit stays as it is.
pub(crate) fn raise_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?)
}

/// How many there may be; none where nothing limits them.
pub(crate) fn limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
