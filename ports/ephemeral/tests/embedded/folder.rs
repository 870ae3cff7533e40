//! Which folders are taken, and which are refused.

use std::time::Duration;

use clock::Sources;
use ephemeral::{Embedded, EphemeralError, EphemeralStore};

#[tokio::test]
async fn a_folder_is_made_when_missing() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data").join("ephemeral");

    let store = Embedded::open(&folder, Sources::system()).unwrap();

    store.put("key", b"value", Duration::from_secs(60)).await.unwrap();
    assert!(folder.is_dir());
}

#[tokio::test]
async fn a_store_that_was_half_made_is_made_anew() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("ephemeral");
    let unfinished = root.path().join("ephemeral.new");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("0.jnl"), b"").unwrap();

    let store = Embedded::open(&folder, Sources::system()).unwrap();

    store.put("key", b"value", Duration::from_secs(60)).await.unwrap();
    assert!(!unfinished.exists());
}

#[test]
fn a_folder_below_a_regular_file_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, b"").unwrap();

    let refused = Embedded::open(&file.join("ephemeral"), Sources::system());

    assert!(matches!(refused, Err(EphemeralError::Unavailable(_))));
}

#[test]
fn a_folder_that_holds_something_else_is_refused_and_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("accounts");
    std::fs::write(&file, b"precious").unwrap();

    let refused = Embedded::open(root.path(), Sources::system());

    assert!(matches!(refused, Err(EphemeralError::Unavailable(_))));
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
}

#[test]
fn a_folder_that_is_open_already_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let first = Embedded::open(root.path(), Sources::system());

    let second = Embedded::open(root.path(), Sources::system());

    assert!(first.is_ok());
    assert!(matches!(second, Err(EphemeralError::Unavailable(_))));
}
