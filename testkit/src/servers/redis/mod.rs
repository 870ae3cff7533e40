//! Redis itself: one server, a pair that Sentinels watch, or a cluster of three, with all power over the processes.
//!
//! What a server has answered is on its disk, so it survives [`RedisServer::kill`].

mod cluster;
mod sentinels;

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use clock::Sources;
use tempfile::TempDir;

use super::process::{ServerProcess, power_over_process};
use crate::free_port;
pub use cluster::RedisCluster;
pub use sentinels::RedisSentinels;

/// How long a server may take until it answers, or several until they agree.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// A server over a folder and a port that stay the same over restarts; dropped, it ends.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    door: RedisDoor,
    mode: &'static [&'static str],
    process: ServerProcess,
}

/// What a server had on its disk at one time.
pub struct RedisSnapshot(TempDir);

/// Where Redis keeps its append-only files.
const APPENDED: &str = "appendonlydir";

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisDoor {
    /// Everybody.
    Open,
    /// [`RedisServer::USER`].
    Password,
    /// [`RedisServer::USER`], by TLS alone.
    Tls,
}

impl RedisServer {
    /// Who may come in where not everybody may.
    pub const USER: &str = "liman";
    /// The password that goes with it.
    pub const PASSWORD: &str = "a-password-for-tests";

    /// Starts a server that is open to everybody, and returns when it answers.
    ///
    /// # Errors
    /// `redis-server` or `redis-cli` is missing, or the server ended by itself; its log says why.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(RedisDoor::Open, "").await
    }

    /// Starts a server behind `door`, with further lines of `redis.conf`.
    ///
    /// # Errors
    /// As [`RedisServer::start`].
    pub async fn start_with(door: RedisDoor, settings: &str) -> io::Result<Self> {
        let mut server = Self::new(free_port()?, door)?;
        server.write_settings(&format!("appendonly yes\nappendfsync always\nsave \"\"\n{settings}"))?;
        server.restart().await?;
        Ok(server)
    }

    fn new(port: u16, door: RedisDoor) -> io::Result<Self> {
        let folder = TempDir::with_prefix("redis-")?;
        let process = ServerProcess::new("Redis", folder.path().join("redis.log"));
        Ok(Self { folder, port, door, mode: &[], process })
    }

    fn write_settings(&self, settings: &str) -> io::Result<()> {
        let (port, folder) = (self.port, self.folder.path().display());
        let mut text = format!("bind 127.0.0.1\ndir {folder}\n{settings}\n");
        let written = match self.door {
            RedisDoor::Open => writeln!(text, "port {port}"),
            RedisDoor::Password => writeln!(text, "port {port}\n{}", sign_in()),
            RedisDoor::Tls => {
                self.write_certificate()?;
                let certificate = self.authority();
                let certificate = certificate.display();
                writeln!(
                    text,
                    "port 0\ntls-port {port}\ntls-cert-file {certificate}\ntls-key-file {folder}/key.pem\n\
                     tls-ca-cert-file {certificate}\ntls-auth-clients no\n{}",
                    sign_in()
                )
            }
        };
        written.map_err(io::Error::other)?;
        fs::write(self.settings(), text)
    }

    fn write_certificate(&self) -> io::Result<()> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        fs::write(self.authority(), certified.cert.pem())?;
        fs::write(self.folder.path().join("key.pem"), certified.signing_key.serialize_pem())
    }

    /// Shows the certificate of `other` from its next start on.
    ///
    /// # Errors
    /// One of them is not behind [`RedisDoor::Tls`].
    pub fn take_certificate_of(&self, other: &Self) -> io::Result<()> {
        for file in ["authority.pem", "key.pem"] {
            fs::copy(other.folder.path().join(file), self.folder.path().join(file))?;
        }
        Ok(())
    }

    /// Starts it again over what it left behind, and returns when it answers.
    ///
    /// # Errors
    /// It ended by itself, or does not answer in time.
    pub async fn restart(&mut self) -> io::Result<()> {
        let mut command = Command::new("redis-server");
        command.arg(self.settings()).args(self.mode);
        self.process.spawn(&mut command)?;
        self.wait_until("answers", || self.says(&["PING"], "PONG")).await
    }

    /// Takes all that it holds away, in all its databases, whether it runs or not.
    ///
    /// # Errors
    /// It does not answer, or its files can't be removed.
    pub fn wipe(&self) -> io::Result<()> {
        if self.process.is_started() {
            return self.cli(&["FLUSHALL", "SYNC"]).map(drop);
        }
        match fs::remove_dir_all(self.appended()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// What it has on its disk by now, to be put back by [`RedisServer::roll_back`].
    ///
    /// # Errors
    /// Its files can't be copied.
    pub fn snapshot(&self) -> io::Result<RedisSnapshot> {
        let copy = TempDir::with_prefix("redis-snapshot-")?;
        let copied = Command::new("cp").arg("-a").arg(self.appended()).arg(copy.path()).status()?;
        if copied.success() {
            Ok(RedisSnapshot(copy))
        } else {
            Err(io::Error::other("the files of Redis can't be copied"))
        }
    }

    /// Puts back what stood on its disk earlier, as a restore does, or a replica that took over before it had received
    /// everything. It must not run.
    ///
    /// # Errors
    /// Its files can't be replaced.
    pub fn roll_back(&self, to: &RedisSnapshot) -> io::Result<()> {
        self.wipe()?;
        let from = to.0.path().join(APPENDED);
        let copied = Command::new("cp").arg("-a").arg(from).arg(self.folder.path()).status()?;
        if copied.success() { Ok(()) } else { Err(io::Error::other("the files of Redis can't be put back")) }
    }

    fn appended(&self) -> PathBuf {
        self.folder.path().join(APPENDED)
    }

    /// What a plain client is answered, as `redis-cli` prints it: lines without quotes.
    ///
    /// # Errors
    /// There is no answer, or it is an error.
    pub fn cli(&self, command: &[&str]) -> io::Result<String> {
        let mut client = Command::new("redis-cli");
        client.args(["-e", "--raw", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        if self.door != RedisDoor::Open {
            client.args(["--no-auth-warning", "--user", Self::USER, "--pass", Self::PASSWORD]);
        }
        if self.door == RedisDoor::Tls {
            client.arg("--tls").arg("--cacert").arg(self.authority());
        }
        let done = client.args(command).stdin(Stdio::null()).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        if done.status.success() {
            Ok(text(&done.stdout))
        } else {
            Err(io::Error::other(format!("{} {}", text(&done.stdout), text(&done.stderr))))
        }
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What stands in `REDIS_URL` to reach it.
    #[must_use]
    pub fn url(&self) -> String {
        let (user, password, port) = (Self::USER, Self::PASSWORD, self.port);
        match self.door {
            RedisDoor::Open => format!("redis://127.0.0.1:{port}"),
            RedisDoor::Password => format!("redis://{user}:{password}@127.0.0.1:{port}"),
            RedisDoor::Tls => format!("rediss://{user}:{password}@127.0.0.1:{port}"),
        }
    }

    /// The PEM file of the authority that vouches for it, behind [`RedisDoor::Tls`].
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("redis.conf")
    }

    /// Whether `expected` is part of what a plain client is answered. No answer may be one that comes later.
    fn says(&self, command: &[&str], expected: &str) -> bool {
        self.cli(command).is_ok_and(|answer| answer.contains(expected))
    }

    /// Asks until `is_so`; the error says what never was.
    async fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) -> io::Result<()> {
        let sources = Sources::system();
        let deadline = sources.now() + ANSWER_TIMEOUT;
        while !is_so() {
            if sources.now() > deadline {
                let log = fs::read_to_string(self.log())?;
                return Err(io::Error::other(format!("it never came that Redis {what}; its log:\n{log}")));
            }
            sources.sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

power_over_process!(RedisServer, "-KILL");

/// The default user is on, with a password that nobody knows: where it is off, Redis 7 forgets at a restart what it did in
/// transactions (redis/redis#14541).
fn sign_in() -> String {
    let (user, password) = (RedisServer::USER, RedisServer::PASSWORD);
    let unknown = Sources::system().uuid();
    format!("user default on >{unknown} ~* &* +@all\nuser {user} on >{password} ~* &* +@all")
}
