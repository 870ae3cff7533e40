//! One process of the built program, as its operator sees it: its readiness, its log and its end.

use std::path::Path;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::Server;
use tokio::process::Command;

use crate::support::{Ended, PROGRAM, at_last, http_client, in_time};

/// A process with a data folder of its own.
pub(super) struct Process {
    pub(super) server: Server,
    pub(super) folder: TempDir,
}

/// What readiness answered, and what it said of one of its checks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Readiness {
    pub(super) answer: StatusCode,
    pub(super) status: String,
    pub(super) reason: String,
}

impl Process {
    /// A process that serves everything, not started yet.
    pub(super) fn new(environment: &[(&str, &str)]) -> Self {
        Self::of(Path::new(PROGRAM), environment)
    }

    /// The same of another `program`.
    pub(super) fn of(program: &Path, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::new(program, &folder.path().join("data"), environment).unwrap();
        Self { server, folder }
    }

    /// The same, started and not waited for.
    pub(super) fn launch(environment: &[(&str, &str)]) -> Self {
        let mut process = Self::new(environment);
        process.server.launch().unwrap();
        process
    }

    /// The same with a clock that is ahead by so many seconds.
    pub(super) fn ahead_by(self, seconds: u32) -> Self {
        Self { server: self.server.ahead_by(seconds).unwrap(), ..self }
    }

    /// The same with a clock that its server sets while it runs.
    pub(super) fn with_a_clock_of_its_own(self) -> Self {
        Self { server: self.server.with_a_clock_of_its_own().unwrap(), ..self }
    }

    /// Readiness as soon as `check` is `status` there, for a reason that contains `reason`.
    pub(super) async fn sees(&self, check: &str, status: &str, reason: &str) -> Readiness {
        at_last(&format!("{check} is {status}: {reason}"), async || self.poll(check, status, reason).await).await
    }

    /// Readiness, if that is so at this moment.
    pub(super) async fn poll(&self, check: &str, status: &str, reason: &str) -> Option<Readiness> {
        let answer = http_client().get(self.server.url("/health/ready")).send().await.ok()?;
        let (answer, body) = (answer.status(), answer.json::<Value>().await.ok()?);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut checks = body["checks"].as_array()?.iter();
        let found = checks.find(|found| found["name"] == check && found["status"] == status)?;
        let seen = Readiness { answer, status: text(&body["status"]), reason: text(&found["reason"]) };
        seen.reason.contains(reason).then_some(seen)
    }

    /// Returns when readiness answers that all is well.
    pub(super) async fn is_ready(&self) {
        let ready = async || {
            let answer = http_client().get(self.server.url("/health/ready")).send().await.ok()?;
            (answer.json::<Value>().await.ok()?["status"] == "ready").then_some(())
        };
        at_last("the process is ready", ready).await;
    }

    /// The first line of the log that is a warning or worse and holds `words`, as soon as it stands there.
    pub(super) async fn warns_of(&self, words: &str) -> String {
        let logged = async || {
            let log = self.log();
            let mut warnings = log.lines().filter(|line| line.contains(" WARN ") || line.contains("ERROR "));
            warnings.find(|line| line.contains(words)).map(ToOwned::to_owned)
        };
        at_last(&format!("the log warns of {words}"), logged).await
    }

    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.server.log()).unwrap()
    }

    /// Asks for an account, whose mail travels as an event.
    pub(super) async fn register(&self, email: &str) -> StatusCode {
        let body = json!({ "email": email, "password": "gizli deniz feneri 42" });
        http_client().post(self.server.url("/auth/register")).json(&body).send().await.unwrap().status()
    }
}

/// How the start of a process that serves everything ends on `environment`.
pub(super) async fn refused(environment: &[(&str, &str)]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    run(&folder.path().join("data"), &["serve", "--port", "0"], environment).await
}

/// How the program ends with `arguments`.
pub(super) async fn run(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).arg("--data").arg(data).env_clear().envs(environment.iter().copied()).kill_on_drop(true);
    Ended::of(in_time("the program ends", command.output()).await.unwrap())
}
