//! Where the program is called from, as an operator does it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use testkit::Server;
use tokio::process::Command;

use super::program::{Ended, PROGRAM, run_program};

/// A folder for one test, with a data folder in it that does not exist yet.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn server(&self) -> Server {
        Server::new(Path::new(PROGRAM), &self.data(), &[]).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).args(["--data", self.data().to_str().unwrap()]);
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().await.unwrap())
    }

    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        run_program(&self.data(), arguments, input).await
    }
}

/// A port that nobody has.
pub(crate) fn free_port() -> String {
    testkit::free_port().unwrap().to_string()
}
