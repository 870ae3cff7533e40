//! A disk that is full: requests that need it are refused, readiness says why, and all goes on when there is room again.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::Server;
use tokio::process::Command;

use crate::support::server::{name_of, register, sign_up};
use crate::support::{Ended, http_client};

#[tokio::test]
async fn a_full_disk_refuses_writes_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    let mut server = Server::new(&on_a_small_disk(folder.path(), &disk), &disk.join("data"), &[]).unwrap();
    server.start().await.unwrap();
    assert_eq!(register(&server, "once@example.com").await, StatusCode::CREATED);

    let ayse = sign_up(&server, "ayse@example.com").await;

    let filler = fill(&server, &disk);
    assert_eq!(register(&server, "refused@example.com").await, StatusCode::SERVICE_UNAVAILABLE);
    for name in ["Ayşe Refused", "Ayşe Refused Again"] {
        assert_eq!(rename(&server, &ayse, name).await, StatusCode::SERVICE_UNAVAILABLE);
    }
    let readiness = wait_for_readiness(&server, StatusCode::SERVICE_UNAVAILABLE).await;
    let live = http_client().get(server.url("/health/live")).send().await.unwrap();

    assert_eq!(readiness["status"], "not_ready");
    let checks = readiness["checks"].as_array().unwrap();
    assert!(checks.iter().any(|check| check["status"] == "not_ready" && check["reason"].is_string()), "{readiness}");
    assert_eq!(live.status(), StatusCode::OK);

    fs::remove_file(filler).unwrap();
    wait_for_readiness(&server, StatusCode::OK).await;
    assert_eq!(register(&server, "again@example.com").await, StatusCode::CREATED);
    for name in ["Ayşe Once", "Ayşe Twice", "Ayşe Yılmaz"] {
        assert_eq!(rename(&server, &ayse, name).await, StatusCode::OK);
        assert_eq!(name_of(&server, &ayse).await, name);
    }
    sign_up(&server, "mehmet@example.com").await;
    assert!(server.stop().await.unwrap().success());
    assert!(!fs::read_to_string(server.log()).unwrap().contains("panicked"));
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_that_it_is_full_and_whose() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    let data = disk.join("data");
    let program = on_a_disk_of(folder.path(), &disk, "nr_blocks=${PAGES}");
    let said = format!("the disk of the data folder {} is full", data.display());

    for pages in ["1", "2", "3", "5", "8", "16", "64", "200"] {
        for command in [&["serve", "--port", "0"][..], &["migrate"]] {
            let mut run = Command::new(&program);
            run.args(command).arg("--data").arg(&data).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
            let ended = Ended::of(run.env("PAGES", pages).kill_on_drop(true).output().await.unwrap());

            assert_eq!(ended.code, Some(1), "{pages} {command:?} {ended:?}");
            assert!(ended.complained.contains(&said), "{pages} {command:?} {ended:?}");
            assert!(!ended.complained.contains("panicked"), "{pages} {command:?} {ended:?}");
        }
    }
}

#[tokio::test]
async fn a_backup_to_a_full_disk_says_that_it_is_full_and_whose() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, data) = (folder.path().join("disk"), folder.path().join("data"));
    let program = on_a_disk_of(folder.path(), &disk, "nr_blocks=${PAGES}");
    let run = async |pages: &str, command: &[&str]| {
        let mut run = Command::new(&program);
        run.args(command).arg("--data").arg(&data).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        Ended::of(run.env("PAGES", pages).kill_on_drop(true).output().await.unwrap())
    };
    let migrated = run("1", &["migrate"]).await;
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let file = disk.join("backup.db");

    for pages in ["1", "2", "8", "64"] {
        let ended = run(pages, &["backup", file.to_str().unwrap()]).await;

        assert_eq!(ended.code, Some(1), "{pages} {ended:?}");
        let said = format!("the disk of the backup {} is full", file.display());
        assert!(ended.complained.contains(&said), "{pages} {ended:?}");
    }
}

/// A program that runs ours with a disk of 32 MB of its own at `disk`, which ends with it and which nobody else sees.
fn on_a_small_disk(folder: &Path, disk: &Path) -> PathBuf {
    on_a_disk_of(folder, disk, "size=32m")
}

/// The same with a disk of `size`, which may be named by a variable.
fn on_a_disk_of(folder: &Path, disk: &Path, size: &str) -> PathBuf {
    fs::create_dir(disk).unwrap();
    let program = folder.join("on-a-small-disk");
    let script = format!(
        "#!/bin/sh\nexec unshare --map-root-user --mount sh -c \
         'mount -t tmpfs -o {size} tmpfs \"$0\" && exec \"$@\"' '{}' '{}' \"$@\"\n",
        disk.display(),
        env!("CARGO_BIN_EXE_lezzetlimani"),
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// Fills the server's disk to the last byte, and names the file to remove.
fn fill(server: &Server, disk: &Path) -> PathBuf {
    let root = PathBuf::from(format!("/proc/{}/root", server.process_id().unwrap()));
    let filler = root.join(disk.strip_prefix("/").unwrap()).join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    filler
}

/// Changes the name in the profile.
async fn rename(server: &Server, access: &str, name: &str) -> StatusCode {
    let change = http_client().put(server.url("/users/me")).bearer_auth(access);
    change.json(&json!({ "full_name": name })).send().await.unwrap().status()
}

/// What readiness says as soon as it answers `status`. The store is opened again once a second.
async fn wait_for_readiness(server: &Server, status: StatusCode) -> Value {
    let sources = clock::Sources::system();
    for _ in 0..500 {
        let answer = http_client().get(server.url("/health/ready")).send().await.unwrap();
        if answer.status() == status {
            return answer.json().await.unwrap();
        }
        sources.sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("readiness never answered {status}")
}
