//! The program that drives a browser, as a process of its own on a port that it finds by itself.

use std::io;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// How many are started before one is given up.
const TRIES: u32 = 5;

/// A running `chromedriver`; it ends with this.
pub struct ChromeDriver {
    _child: Child,
    /// Read no further; closed, it would stop the program at its next word.
    _stdout: BufReader<ChildStdout>,
    port: u16,
}

impl ChromeDriver {
    /// What a browser without a screen is started with, also below a user who may do anything.
    pub const FLAGS: [&str; 5] =
        ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--accept-lang=tr"];

    /// Starts one.
    ///
    /// # Errors
    /// It is not installed, or names no port.
    pub async fn start() -> io::Result<Self> {
        // It takes a free port of IPv6 and then the same one of IPv4, which may be in use: then it ends, and the next one takes another.
        for _ in 1..TRIES {
            if let Some(running) = Self::try_start().await? {
                return Ok(running);
            }
        }
        Self::try_start().await?.ok_or_else(|| io::Error::other("chromedriver names no port"))
    }

    /// None if it ended before it named its port.
    async fn try_start() -> io::Result<Option<Self>> {
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let missing =
            |error| io::Error::other(format!("chromedriver: {error}; apt-get install chromium chromium-driver"));
        let mut child = started.map_err(missing)?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("chromedriver has no output"))?;
        let mut stdout = BufReader::new(stdout);
        loop {
            let mut line = String::new();
            if stdout.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ") {
                let port = port.parse().map_err(io::Error::other)?;
                return Ok(Some(Self { _child: child, _stdout: stdout, port }));
            }
        }
    }

    /// Where it takes orders.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
