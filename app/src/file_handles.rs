//! How many files and connections the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes all that the system grants. Where a process is not told otherwise it begins with 1024, for the sake of programs that know
/// no more.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// How many there may be; none where nothing limits them.
pub(crate) fn limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
