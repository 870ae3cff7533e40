//! A process that writes until it is killed: the test program itself, started once more for its ignored test
//! `a_writer_that_is_killed`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use database::{Database, contract};

/// Names the database to the writer.
const PLACE: &str = "DATABASE_CONTRACT_PLACE";

/// Lets a writer commit to the database at `place`, kills it, and answers the last number that it said.
pub(crate) fn kill(place: &str) -> i32 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["a_writer_that_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(PLACE, place)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged =
        BufReader::new(writer.stderr.take().unwrap()).lines().map(|line| line.unwrap().parse().unwrap());
    assert_eq!(acknowledged.by_ref().take(30).count(), 30, "the writer was heard");
    writer.kill().unwrap();
    // What it said before it died still stands in the pipe.
    let last = acknowledged.last().unwrap_or(30);
    writer.wait().unwrap();
    last
}

/// Is that writer.
pub(crate) fn write(open: &impl AsyncFn(&str) -> Database) {
    #[expect(clippy::disallowed_methods, reason = "a process of the test's own learns like this where to write")]
    let place = std::env::var(PLACE).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut stderr = std::io::stderr();
        let acknowledge = |number| writeln!(stderr, "{number}").unwrap();
        contract::commit_until_killed(&open(&place).await, acknowledge).await;
    });
}
