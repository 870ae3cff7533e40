//! The built program, run as an operator runs it: what it says, and what it ends with.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_lezzetlimani");

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) complained: String,
}

/// Runs the program on the data folder `data`, with `input` on its standard input.
pub(crate) async fn run_program(data: &Path, arguments: &[&str], input: &str) -> Ended {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .arg("--data")
        .arg(data)
        .current_dir(data.parent().unwrap())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    Ended::of(child.wait_with_output().await.unwrap())
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            said: String::from_utf8(output.stdout).unwrap(),
            complained: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with `code`, and said why in one line that contains `reason`.
    pub(crate) fn expect(&self, code: i32, reason: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.complained.trim_end().lines().count(), 1, "{self:?}");
        assert!(
            self.complained.starts_with("lezzetlimani: ") && self.complained.contains(reason),
            "{reason}: {self:?}"
        );
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.said).unwrap()
    }
}
