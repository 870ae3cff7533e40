//! The gateway of `deploy/Caddyfile` as a process, before processes of a test.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use lezzetlimani::services::ServiceName;
use tempfile::TempDir;
use testkit::Server;
use tokio::process::{Child, Command};

use crate::support::{Ended, at_last, free_port, http_client, in_time};

/// A gateway that runs; dropped, it ends.
pub(super) struct Gateway {
    port: String,
    _child: Child,
    _folder: TempDir,
}

impl Gateway {
    /// One on a port of its own, which leads each service's paths to `upstream` of it. It need not run yet.
    pub(super) async fn open<'a>(upstream: impl Fn(ServiceName) -> &'a Server) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = caddy(folder.path(), "run");
        command.env("GATEWAY_HOST", "127.0.0.1").env("GATEWAY_PORT", format!(":{port}"));
        for &service in ServiceName::all() {
            command.env(variable(service), upstream(service).url("").trim_start_matches("http://"));
        }
        let child = command.stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn().unwrap();
        let gateway = Self { port, _child: child, _folder: folder };
        let opened = async || http_client().get(gateway.url("/")).send().await.ok().map(drop);
        at_last("the gateway takes connections", opened).await;
        gateway
    }

    /// The address of `path` there.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// How `caddy` ends with `arguments` and the file.
pub(super) async fn run_caddy(arguments: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    Ended::of(in_time("caddy ends", caddy(folder.path(), arguments).output()).await.unwrap())
}

/// What it writes for itself it writes into `folder`.
fn caddy(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new("caddy");
    command.args(arguments.split(' ')).args(["--config", "Caddyfile", "--adapter", "caddyfile"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy"));
    for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(home, folder);
    }
    command.stdin(Stdio::null());
    command
}

/// What names the address of `service` to the file.
fn variable(service: ServiceName) -> String {
    format!("UPSTREAM_{}", service.as_str().to_uppercase())
}
