//! The server under test, its mail server, and what it takes to have diners.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clock::Sources;
use database::{Database, DatabaseUrl, Vault};
use tempfile::TempDir;
use testkit::{Server, SmtpSink};
use tokio::process::Command;

use crate::client::Client;
use crate::diner::Diner;
use crate::load::{Work, keep_busy};
use crate::servers::Servers;

/// How long a mail may take until the bench gives up.
const MAIL: Duration = Duration::from_secs(60);

/// The platform in a folder of its own, until it is dropped.
pub(crate) struct Platform {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) mails: SmtpSink,
    pub(crate) sources: Sources,
    binary: PathBuf,
    environment: Vec<(&'static str, String)>,
    /// Sends the mails where `server` does not.
    mailer: Option<Server>,
    folder: TempDir,
}

impl Platform {
    /// All services in one process, which holds all that they need.
    pub(crate) async fn embedded(binary: &Path) -> Result<Self> {
        Self::on(binary, Vec::new()).await
    }

    /// All services in one process, which holds all that it needs but for what `servers` names.
    pub(crate) async fn on(binary: &Path, servers: Vec<(&'static str, String)>) -> Result<Self> {
        Self::set(binary, servers, Ok).await
    }

    /// The same, set as `settings` say besides, with a clock that is ahead of ours by so many seconds.
    pub(crate) async fn ahead(binary: &Path, settings: Vec<(&'static str, String)>, seconds: u32) -> Result<Self> {
        Self::set(binary, settings, |server| server.ahead_by(seconds)).await
    }

    async fn set(
        binary: &Path,
        settings: Vec<(&'static str, String)>,
        change: impl FnOnce(Server) -> io::Result<Server>,
    ) -> Result<Self> {
        let (folder, mails) = (tempfile::tempdir()?, mail_server().await?);
        let environment = [environment(&mails), settings].concat();
        let mut server = change(Server::new(binary, &folder.path().join("data"), &borrowed(&environment))?)?;
        server.start().await?;
        Ok(Self { environment, ..Self::of(binary, server, None, mails, folder)? })
    }

    /// auth alone on `servers`; beside it notification, for its mails.
    pub(crate) async fn auth_alone(binary: &Path, servers: &Servers) -> Result<Self> {
        let (folder, mails) = (tempfile::tempdir()?, mail_server().await?);
        for service in ["auth", "notification"] {
            servers.make_database(service).await?;
        }
        let alone = |service| {
            let environment = [environment(&mails), servers.environment(service)].concat();
            let server = Server::new(binary, &folder.path().join(service), &borrowed(&environment));
            server.map(|server| server.serving(service))
        };
        let (mut auth, mut notification) = (alone("auth")?, alone("notification")?);
        tokio::try_join!(auth.start(), notification.start())?;
        Self::of(binary, auth, Some(notification), mails, folder)
    }

    fn of(binary: &Path, server: Server, mailer: Option<Server>, mails: SmtpSink, folder: TempDir) -> Result<Self> {
        let (client, sources, binary) = (Client::new(&server.url(""))?, Sources::system(), binary.to_owned());
        let environment = Vec::new();
        Ok(Self { server, client, mails, sources, binary, environment, mailer, folder })
    }

    /// The database of a platform that holds it.
    pub(crate) async fn database(&self) -> Result<Database> {
        let url = DatabaseUrl::Sqlite(self.server.folder().join("lezzetlimani.db"));
        let vault = Vault::new(&self.sources.bytes::<32>());
        Ok(Database::connect(&url, self.sources.clone(), vault).await?)
    }

    /// Ends what sends the mails where that is a process of its own: in a fleet it has other cores.
    pub(crate) async fn stop_mailer(&mut self) -> Result<()> {
        let mut mailer = self.mailer.take().context("no process of its own sends the mails")?;
        ensure!(mailer.stop().await?.success(), "notification did not stop in order");
        Ok(())
    }

    /// Runs a command beside the server, over the same data.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data").arg(self.server.folder()).env_clear();
        let ended = command.envs(self.environment.iter().map(|(name, value)| (name, value))).output().await?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(ended.status.success(), "{arguments:?} ended with {}: {said}", ended.status);
        Ok(())
    }

    /// `service` alone on the same `servers`, in a process of its own that is not started yet.
    pub(crate) async fn another(&self, servers: &Servers, service: &str) -> Result<Server> {
        servers.make_database(service).await?;
        self.replica(servers, service, 0)
    }

    /// The same over the database that stands there, whatever the number of the replica.
    pub(crate) fn replica(&self, servers: &Servers, service: &str, number: usize) -> Result<Server> {
        let environment = [environment(&self.mails), servers.environment(service)].concat();
        let folder = self.folder.path().join(format!("{service}-{number}"));
        Ok(Server::new(&self.binary, &folder, &borrowed(&environment))?.serving(service))
    }

    pub(crate) fn process_id(&self) -> Result<u32> {
        self.server.process_id().context("the server is not running")
    }

    /// `count` diners who have proven their mailboxes.
    pub(crate) async fn diners(&self, count: usize) -> Result<Vec<Diner>> {
        let mut diners = Vec::with_capacity(count);
        for _ in 0..count {
            let email = self.client.register().await?;
            let token = self.verification_token(&email).await?;
            diners.push(Diner::verify(self.client.clone(), email, &token).await?);
        }
        Ok(diners)
    }

    async fn verification_token(&self, email: &str) -> Result<String> {
        let link = "/auth/verify-email?token=";
        let find = |mails: &[testkit::ReceivedMail]| {
            let text = mails.iter().find(|mail| mail.to.iter().any(|to| to == email))?.text();
            let (_, rest) = text.split_once(link)?;
            Some(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
        };
        self.mails.find(MAIL, find).await.with_context(|| format!("no verification mail came for {email}"))
    }

    /// How many registrations a second the server takes when `width` clients do nothing else for `time`.
    pub(crate) async fn register_for(&self, width: usize, time: Duration) -> Result<Work> {
        let clients = vec![self.client.clone(); width];
        let register = |client: Client| async move {
            client.register().await?;
            Ok(client)
        };
        Ok(keep_busy(clients, time, register).await?.1)
    }
}

async fn mail_server() -> Result<SmtpSink> {
    SmtpSink::start().await.context("the mail server can't be started")
}

/// What every process is told: where mails go, and that clients may pretend to come from anywhere.
fn environment(mails: &SmtpSink) -> Vec<(&'static str, String)> {
    vec![
        ("EMAIL_HOST", "127.0.0.1".to_owned()),
        ("EMAIL_PORT", mails.port().to_string()),
        ("EMAIL_TLS", "none".to_owned()),
        ("EMAIL_FROM", "liman@example.com".to_owned()),
        ("TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
    ]
}

fn borrowed<'a>(environment: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
