//! PostgreSQL itself: a server of its own with all power over its process.
//!
//! `postgres` comes in without a password, [`PostgresServer::USER`] with one and by TLS alone.

mod database;

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{ServerProcess, power_over_process};
use crate::free_port;
pub use database::{TestDatabase, fresh_database};

/// How long it may take until it answers.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Where Debian keeps the programs of each version; elsewhere they are on the path.
const VERSIONS: &str = "/usr/lib/postgresql";

/// What a commit of the server is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing after a power loss: for tests that want to be fast.
    Fast,
    /// What production promises.
    Full,
}

/// A running server over a folder that stays the same over restarts.
pub struct PostgresServer {
    folder: PathBuf,
    port: u16,
    process: ServerProcess,
}

impl PostgresServer {
    /// Who comes in with a password.
    pub const USER: &str = "liman";
    /// That password.
    pub const PASSWORD: &str = "a-password-for-tests";

    /// Makes a server in the empty `folder` and returns when it answers.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or the server ended by itself; its log in the folder says why.
    pub async fn start(folder: &Path, durability: Durability) -> io::Result<Self> {
        let port = free_port()?;
        let process = ServerProcess::new("Postgres", folder.join("postgres.log"));
        let mut server = Self { folder: folder.to_owned(), port, process };
        own(folder)?;
        server.init()?;
        server.write_settings(durability)?;
        server.restart().await?;
        database::make_user(port).await?;
        Ok(server)
    }

    /// Starts it again over what it left behind, and returns when it answers.
    ///
    /// # Errors
    /// It ended by itself, or does not answer in time.
    pub async fn restart(&mut self) -> io::Result<()> {
        let mut command = program("postgres")?;
        // A process group of its own: what interrupts a test at the terminal must not reach a server that others use.
        command.arg("-D").arg(self.data()).process_group(0);
        self.process.spawn_until_logged(&mut command, STARTED, START_TIMEOUT).await
    }

    /// Its port on 127.0.0.1, which is also localhost's.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its address without the name of a database, as `TEST_POSTGRES` has it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// The PEM file of the authority that vouches for `localhost`.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn init(&self) -> io::Result<()> {
        let mut command = program("initdb")?;
        command.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]);
        let done = command.arg(self.data()).output()?;
        let said = || String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() { Ok(()) } else { Err(io::Error::other(said())) }
    }

    fn write_settings(&self, durability: Durability) -> io::Result<()> {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
        let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
        fs::write(self.authority(), &certificate)?;
        let files = [
            ("server.crt", certificate),
            ("server.key", key),
            ("pg_hba.conf", DOORS.to_owned()),
            ("postgresql.conf", self.settings(durability)),
        ];
        for (name, text) in files {
            let file = self.data().join(name);
            fs::write(&file, text)?;
            fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            own(&file)?;
        }
        Ok(())
    }

    fn settings(&self, durability: Durability) -> String {
        let port = self.port;
        let safety = match durability {
            Durability::Fast => "off",
            Durability::Full => "on",
        };
        format!(
            "listen_addresses = 'localhost'
port = {port}
unix_socket_directories = ''
max_connections = 400
ssl = on
password_encryption = 'scram-sha-256'
fsync = {safety}
synchronous_commit = {safety}
full_page_writes = {safety}
"
        )
    }
}

// With all its sessions at once, as a machine does that loses power. A `kill -9` would leave its sessions behind; and sessions
// that are open already go on while it hangs. SIGINT stops it in order once we let it go.
power_over_process!(PostgresServer, "-QUIT");

/// What it logs once it answers.
const STARTED: &str = "database system is ready to accept connections";

const DOORS: &str = "host all postgres 127.0.0.1/32 trust
hostssl all all 127.0.0.1/32 scram-sha-256
";

/// One of its programs, which refuse to work for root.
fn program(name: &str) -> io::Result<Command> {
    let program = newest().map_or_else(|| name.into(), |folder| folder.join("bin").join(name));
    if unprivileged()?.is_none() {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    // Our own working directory may be closed to that user.
    command.current_dir("/");
    Ok(command)
}

fn newest() -> Option<PathBuf> {
    let folders = fs::read_dir(VERSIONS).ok()?.flatten().map(|entry| entry.path());
    folders.max_by_key(|folder| folder.file_name()?.to_str()?.parse::<u32>().ok())
}

/// Gives `path` to the user that the server runs as.
fn own(path: &Path) -> io::Result<()> {
    match unprivileged()? {
        Some((user, group)) => chown(path, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// Whom the server runs as when we are root.
fn unprivileged() -> io::Result<Option<(u32, u32)>> {
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)))
}

fn id(arguments: &[&str]) -> io::Result<u32> {
    let output = Command::new("id").args(arguments).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| io::Error::other("PostgreSQL's user postgres is missing"))
}
