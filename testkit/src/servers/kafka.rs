//! Apache Kafka itself: one node that is broker and controller, on ports of its own, with all power over its process.
//!
//! It has two doors: one open, one with TLS and a sign-in. Its jars come from Maven, once per checkout.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::{ServerProcess, power_over_process};
use crate::free_port;

/// How long it may take until it answers.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const HERE: &str = env!("CARGO_MANIFEST_DIR");
/// Any id will do, as long as the folder and the settings agree.
const CLUSTER: &str = "9RZpQ5m8Qm6mN1y2xKj3bg";

/// A running broker over a folder that stays the same over restarts.
pub struct KafkaServer {
    folder: PathBuf,
    open: u16,
    secured: u16,
    process: ServerProcess,
}

impl KafkaServer {
    /// Who may come in by the secured door, with each of `PLAIN`, `SCRAM-SHA-256` and `SCRAM-SHA-512`.
    pub const USER: &str = "liman";
    /// The password that goes with it.
    pub const PASSWORD: &str = "a-password-for-tests";

    /// Makes a broker in the empty `folder` and returns when it answers.
    ///
    /// # Errors
    /// Java or Maven is missing, or the broker ended by itself; its log in the folder says why.
    pub async fn start(folder: &Path) -> io::Result<Self> {
        Self::start_behind(folder, None).await
    }

    /// The same, where clients are told that the open door is at another `port` of this machine: that of a proxy.
    ///
    /// # Errors
    /// As for [`KafkaServer::start`].
    pub async fn start_behind(folder: &Path, port: Option<u16>) -> io::Result<Self> {
        let [open, secured, controller] = [free_port()?, free_port()?, free_port()?];
        let process = ServerProcess::new("Kafka", folder.join("kafka.log"));
        let mut server = Self { folder: folder.to_owned(), open, secured, process };
        write_certificate(folder)?;
        fs::write(server.settings(), server.properties(controller, port.unwrap_or(open)))?;
        server.format()?;
        server.restart().await?;
        Ok(server)
    }

    /// Makes another certificate for the secured door, and answers the PEM file of the authority that vouches for it.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn prepare_certificate(&self) -> io::Result<PathBuf> {
        let next = self.folder.join("next");
        fs::create_dir_all(&next)?;
        write_certificate(&next)?;
        Ok(next.join(AUTHORITY))
    }

    /// Shows the prepared certificate from the next start on.
    ///
    /// # Errors
    /// None was prepared.
    pub fn renew_certificate(&self) -> io::Result<()> {
        let next = self.folder.join("next");
        [AUTHORITY, KEYS].iter().try_for_each(|file| fs::rename(next.join(file), self.folder.join(file)))
    }

    /// Lets `user` in by the secured door, with `SCRAM-SHA-512` and [`KafkaServer::PASSWORD`].
    ///
    /// # Errors
    /// It does not answer.
    pub fn add_user(&self, user: &str) -> io::Result<()> {
        let mut command = java()?;
        command.args(["kafka.admin.ConfigCommand", "--bootstrap-server", &self.brokers(), "--alter", "--add-config"]);
        command.arg(format!("SCRAM-SHA-512=[password={}]", Self::PASSWORD));
        succeed(command.args(["--entity-type", "users", "--entity-name", user]))
    }

    /// Starts it again over what it left behind, and returns when it answers.
    ///
    /// # Errors
    /// It ended by itself, or does not answer in time.
    pub async fn restart(&mut self) -> io::Result<()> {
        let mut command = java()?;
        // A process group of its own: what interrupts a test at the terminal must not reach a server that others use.
        command.arg("kafka.Kafka").arg(self.settings()).process_group(0);
        self.process.spawn_until_logged(&mut command, STARTED, START_TIMEOUT).await
    }

    /// The port of the open door.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.open
    }

    /// `host:port` of the open door.
    #[must_use]
    pub fn brokers(&self) -> String {
        format!("127.0.0.1:{}", self.open)
    }

    /// `host:port` of the door with TLS and a sign-in.
    #[must_use]
    pub fn secured_brokers(&self) -> String {
        format!("localhost:{}", self.secured)
    }

    /// The PEM file of the authority that vouches for the secured door.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join(AUTHORITY)
    }

    fn settings(&self) -> PathBuf {
        self.folder.join("server.properties")
    }

    /// Writes the first metadata: the cluster's id, and the user whose SCRAM credentials stand there.
    fn format(&self) -> io::Result<()> {
        let mut command = java()?;
        command.args(["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config"]).arg(self.settings());
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let (user, password) = (Self::USER, Self::PASSWORD);
            command.args(["--add-scram", &format!("{mechanism}=[name={user},password={password}]")]);
        }
        succeed(&mut command)
    }

    /// A broker killed by `kill -9` is let in again after the time of its session, which is why that is short. A group
    /// forms at once, rather than waiting three seconds for further members.
    fn properties(&self, controller: u16, advertised: u16) -> String {
        let Self { open, secured, .. } = self;
        let (user, password) = (Self::USER, Self::PASSWORD);
        let (data, keys) = (self.folder.join("data"), self.folder.join(KEYS));
        let (data, keys) = (data.display(), keys.display());
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        format!(
            "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=OPEN
listeners=OPEN://127.0.0.1:{open},SECURED://127.0.0.1:{secured},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=OPEN://127.0.0.1:{advertised},SECURED://localhost:{secured}
listener.security.protocol.map=OPEN:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.secured.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}=\"{password}\";
listener.name.secured.scram-sha-256.sasl.jaas.config={scram}
listener.name.secured.scram-sha-512.sasl.jaas.config={scram}
ssl.keystore.type=PEM
ssl.keystore.location={keys}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
log.dirs={data}
num.partitions=1
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"
        )
    }
}

power_over_process!(KafkaServer, "-KILL");

/// The certificate of the secured door, and the same with its private key.
const AUTHORITY: &str = "authority.pem";
const KEYS: &str = "keys.pem";

/// Makes both files in `folder`.
fn write_certificate(folder: &Path) -> io::Result<()> {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
    let certificate = certified.cert.pem();
    fs::write(folder.join(AUTHORITY), &certificate)?;
    fs::write(folder.join(KEYS), format!("{}{certificate}", certified.signing_key.serialize_pem()))
}

/// Runs `command` to its end.
fn succeed(command: &mut Command) -> io::Result<()> {
    let done = command.output()?;
    let said = || String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() { Ok(()) } else { Err(io::Error::other(said())) }
}

/// What it logs once it answers.
const STARTED: &str = "Kafka Server started";

/// Java with all of Kafka at hand.
pub(super) fn java() -> io::Result<Command> {
    let jars = jars()?;
    let mut command = Command::new("java");
    command.args(["-Xmx512m", "-cp"]).arg(jars.join("*"));
    Ok(command)
}

/// The folder of the jars, fetched by Maven when it is not there. Whoever is second to fetch uses what the first brought.
fn jars() -> io::Result<PathBuf> {
    let jars = Path::new(HERE).join("../target/kafka");
    if jars.is_dir() {
        return Ok(jars);
    }
    let fetched = jars.with_extension(std::process::id().to_string());
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "-f"]).arg(Path::new(HERE).join("kafka/pom.xml"));
    maven.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
    let status = maven.arg(format!("-DoutputDirectory={}", fetched.display())).stdout(io::stderr()).status()?;
    if !status.success() {
        return Err(io::Error::other("Maven could not fetch Kafka"));
    }
    match fs::rename(&fetched, &jars) {
        Err(_) if jars.is_dir() => fs::remove_dir_all(&fetched)?,
        renamed => renamed?,
    }
    Ok(jars)
}
