//! The folder of what is embedded: who may use it, and what happens where a part of it is missing.

use std::path::Path;

use tokio::process::Command;

use crate::support::{Desk, Ended, PROGRAM, free_port};

#[tokio::test]
async fn one_data_folder_serves_one_process() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();

    let second = desk.run(&["serve", "--port", &free_port()]).await;

    let (folder, pid) = (desk.data(), server.process_id().unwrap());
    second.expect(2, &format!("another process uses the data folder {} (pid {pid})", folder.display()));
}

#[tokio::test]
async fn a_killed_process_leaves_its_data_folder_to_the_next() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();

    server.kill().await.unwrap();

    server.start().await.unwrap();
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_is_named() {
    let desk = Desk::new();
    std::fs::write(desk.data(), "a file").unwrap();
    let below = desk.data().join("below");

    let output = Command::new(PROGRAM).args(["serve", "--data"]).arg(&below).env_clear().output().await.unwrap();

    Ended::of(output).expect(1, &format!("the data folder {} can't be made", below.display()));
}

#[tokio::test]
async fn a_lost_or_damaged_root_key_is_never_replaced_by_another() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["migrate"]).await.code, Some(0));
    let key = desk.data().join("secret.key");

    std::fs::write(&key, "too short").unwrap();
    let damaged = desk.run(&["serve", "--port", "0"]).await;
    std::fs::remove_file(&key).unwrap();
    let lost = desk.run(&["serve", "--port", "0"]).await;

    damaged.expect(2, "secret.key is damaged");
    lost.expect(2, "secret.key is missing");
    assert!(!key.exists());
}

#[tokio::test]
async fn what_stands_in_the_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;

    assert_eq!(desk.run(&["migrate"]).await.code, Some(0));

    assert_eq!(mode(&desk.data()), 0o700);
    assert_eq!(mode(&desk.data().join("secret.key")), 0o600);
    assert_eq!(mode(&desk.data().join("lezzetlimani.db")), 0o600);
}

#[tokio::test]
async fn a_root_key_without_its_database_does_not_start_an_empty_platform() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["migrate"]).await.code, Some(0));
    let (key, database) = (desk.data().join("secret.key"), desk.data().join("lezzetlimani.db"));

    std::fs::remove_file(&database).unwrap();
    let serving = desk.run(&["serve", "--port", "0"]).await;
    let migrating = desk.run(&["migrate"]).await;
    let was_made = database.exists();
    std::fs::rename(&key, desk.folder.path().join("old.key")).unwrap();
    let anew = desk.run(&["migrate"]).await;

    for refused in [serving, migrating] {
        refused.expect(2, "lezzetlimani.db is missing beside");
    }
    assert!(!was_made);
    assert_eq!(anew.code, Some(0), "{anew:?}");
}

#[tokio::test]
async fn a_first_start_that_died_between_database_and_key_is_none() {
    let desk = Desk::new();
    std::fs::create_dir(desk.data()).unwrap();
    std::fs::write(desk.data().join("lezzetlimani.db"), "").unwrap();

    let next = desk.run(&["migrate"]).await;

    assert_eq!(next.code, Some(0), "{next:?}");
}

#[tokio::test]
async fn a_wrong_secret_key_is_a_refusal() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();
    server.stop().await.unwrap();

    let mut serve = desk.command(&["serve", "--port", "0"]);
    let ended = Ended::of(serve.env("SECRET_KEY", "another key of more than 32 characters").output().await.unwrap());

    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.complained.contains("SECRET_KEY is not the one that sealed it"), "{ended:?}");
}
