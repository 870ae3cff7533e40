//! The gateway of `deploy/Caddyfile` as a process, before processes of a test.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::{Server, at_last};

/// A gateway that runs; dropped, it ends.
pub struct Gateway {
    port: u16,
    _child: Child,
    _folder: TempDir,
}

impl Gateway {
    /// One on `port` of this machine, which leads each service's paths to the server that answers for it. That need not run yet.
    ///
    /// # Errors
    /// `caddy` can't be started.
    ///
    /// # Panics
    /// It takes no connections.
    pub async fn open<'a>(port: u16, upstreams: impl IntoIterator<Item = (&'a str, &'a Server)>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Self::command(folder.path(), &["run"]);
        command.env("GATEWAY_HOST", "127.0.0.1").env("GATEWAY_SITE", format!(":{port}"));
        for (service, server) in upstreams {
            let variable = format!("UPSTREAM_{}", service.to_ascii_uppercase());
            command.env(variable, server.url("").trim_start_matches("http://"));
        }
        let log = File::create(folder.path().join("log"))?;
        let child = command.stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn()?;
        at_last("the gateway takes connections", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Ok(Self { port, _child: child, _folder: folder })
    }

    /// The address of `path` there.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// `caddy` with `arguments` and the file. What it writes for itself it writes into `folder`.
    #[must_use]
    pub fn command(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("caddy");
        command.args(arguments).args(["--config", "Caddyfile", "--adapter", "caddyfile"]);
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy"));
        for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(home, folder);
        }
        command.stdin(Stdio::null());
        command
    }
}
