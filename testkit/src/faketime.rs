//! Shows a process another time than ours.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What does so; of Debian's package `faketime`. The loader knows what `$LIB` is on this machine.
const FAKETIME: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

/// The true time of day for whoever asks by this function, which is Kafka's library alone. It asks in order to wait until then
/// by the threads of C11, whose waits faketime does not know: with a clock that is ahead by an hour a wait of 20 ms would last
/// an hour, and with one that is behind it would spin.
const TRUE_TIME_OF_DAY: &str = "\
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
int gettimeofday(struct timeval *restrict now, void *restrict zone) { return syscall(SYS_gettimeofday, now, zone); }
";

/// What a process is told besides the time itself. What it waits for takes as long as ever.
///
/// # Errors
/// There is no C compiler, or it failed.
pub(crate) fn environment() -> io::Result<[(&'static str, String); 2]> {
    let preloaded = format!("{}:{FAKETIME}", true_time_of_day()?.display());
    Ok([("LD_PRELOAD", preloaded), ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned())])
}

/// The library with that function. It stays for the next ones, which may make it at the same time.
fn true_time_of_day() -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/faketime");
    let library = folder.join("true_time_of_day.so");
    if library.exists() {
        return Ok(library);
    }
    std::fs::create_dir_all(&folder)?;
    let made = tempfile::Builder::new().suffix(".so").tempfile_in(&folder)?.into_temp_path();
    let mut compiler =
        Command::new("cc").args(["-shared", "-fPIC", "-x", "c", "-", "-o"]).arg(&made).stdin(Stdio::piped()).spawn()?;
    compiler.stdin.take().map_or(Ok(()), |mut source| source.write_all(TRUE_TIME_OF_DAY.as_bytes()))?;
    if !compiler.wait()?.success() {
        return Err(io::Error::other("cc failed"));
    }
    made.persist(&library)?;
    Ok(library)
}
