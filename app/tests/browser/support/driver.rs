//! The program that drives the browser, as a process of its own on a port that it finds by itself.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// A running `chromedriver`; it ends with this.
pub(crate) struct Driver {
    _child: Child,
    /// Read no further; closed, it would stop the program at its next word.
    _stdout: BufReader<ChildStdout>,
    port: u16,
}

impl Driver {
    pub(crate) async fn start() -> Self {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let mut child = started.expect("chromedriver starts: apt-get install chromium chromium-driver");
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(stdout.read_line(&mut line).await.unwrap(), 0, "chromedriver names its port");
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ") {
                break port.parse().unwrap();
            }
        };
        Self { _child: child, _stdout: stdout, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
