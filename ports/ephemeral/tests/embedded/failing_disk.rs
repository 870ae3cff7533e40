//! A disk that takes no more is an error, nothing else; once it takes more, the store goes on.

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use clock::Sources;
use ephemeral::{Embedded, EphemeralError, EphemeralStore};

use crate::child::{Process, listen, say};

const HOUR: Duration = Duration::from_secs(3600);

/// Runs the rest of its arguments as a process whose writes fail where a file gets longer than a megabyte or two.
const NARROW: [&str; 3] = ["sh", "-c", "trap '' XFSZ; ulimit -S -f 2048; exec \"$0\" \"$@\""];

#[test]
fn a_failing_disk_is_unavailable_until_it_works_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(Embedded::open(folder.path(), Sources::system()).unwrap());
    let mut filler = Process::start("failing_disk::filler", &NARROW);
    filler.send(folder.path().to_str().unwrap());

    let full = filler.hear();
    let widened = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &filler.id().to_string()]).status();
    filler.send("wide again");
    let well = filler.hear();

    assert_eq!(full.as_deref(), Some("full"));
    assert!(widened.unwrap().success());
    assert_eq!(well.as_deref(), Some("well"));
    assert!(filler.wait().success());
}

#[tokio::test]
#[ignore = "the process whose disk fails in the test above"]
async fn filler() {
    let folder = listen();
    if folder.is_empty() {
        return;
    }
    let store = Embedded::open(Path::new(&folder), Sources::system()).unwrap();
    let value = [7; 4096];

    let mut answered = 0;
    let refused = loop {
        match store.put(&format!("key {answered}"), &value, HOUR).await {
            Ok(()) => answered += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, EphemeralError::Unavailable(_)), "{refused:?}");
    assert!(refused.source().is_some());
    assert!(store.get("key 0").await.is_err(), "closed until the next round of maintenance");
    say("full");
    listen();

    store.maintain().await.unwrap();
    for number in 0..answered {
        assert!(store.get(&format!("key {number}")).await.unwrap().is_some_and(|held| held == value), "{number}");
    }
    store.put("another", &value, HOUR).await.unwrap();
    store.maintain().await.unwrap();
    say("well");
}
