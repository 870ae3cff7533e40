//! One connection to the mail server, kept open between mails, and what was said on it.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use clock::{Sources, Timestamp};
use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::response::{Response, Severity};

use super::Route;
use crate::model::delivery::{Phase, Setback};

/// A connection that is opened when needed.
pub(crate) struct SmtpConnection {
    route: Arc<Route>,
    sources: Sources,
    inner: Option<AsyncSmtpConnection>,
    used_at: Timestamp,
    /// Whether the server thinks of no mail; it may still think of one that it refused.
    is_clean: bool,
}

/// What the server said instead of yes, if it said anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) phase: Phase,
    pub(crate) setback: Setback,
    pub(crate) reply: String,
}

/// How long connecting, protecting and signing in may take together, and how long each command.
const COMMAND: Duration = Duration::from_secs(30);
/// How long the server may think about a whole message.
const MESSAGE: Duration = Duration::from_secs(60);
/// How long a silent connection is trusted.
const TRUST: Duration = Duration::from_secs(2);

impl SmtpConnection {
    pub(crate) fn new(route: Arc<Route>, sources: Sources) -> Self {
        Self { route, sources, inner: None, used_at: Timestamp::UNIX_EPOCH, is_clean: true }
    }

    /// Makes it ready for a mail: the old connection if that still answers, else a new one.
    ///
    /// # Errors
    /// Why the server can't be reached.
    pub(crate) async fn open(&mut self) -> Result<(), String> {
        let is_trusted = self.is_clean && self.idle_for() <= TRUST;
        if self.inner.is_some() && !is_trusted {
            self.probe().await;
        }
        if self.inner.is_none() {
            let connected = within(&self.sources, COMMAND, self.route.connect()).await;
            let silent = || format!("{} did not answer within {COMMAND:?}", self.route);
            self.inner = Some(connected.unwrap_or_else(|| Err(silent()))?);
            self.touch();
        }
        Ok(())
    }

    /// `RSET` makes the server forget a refused mail, and shows that it is still there (Postfix probes its kept
    /// connections the same way).
    async fn probe(&mut self) {
        let Some(connection) = &mut self.inner else { return };
        let answer = within(&self.sources, COMMAND, connection.command(Rset)).await;
        if matches!(answer, Some(Ok(_))) {
            self.touch();
            self.is_clean = true;
        } else {
            self.abandon();
        }
    }

    /// Names sender and recipient and asks for the message; returns the server's answers.
    ///
    /// # Errors
    /// The server does not have the mail.
    pub(crate) async fn offer(&mut self, from: &Address, to: &Address) -> Result<[String; 3], Refusal> {
        self.is_clean = false;
        let mail = self.say(Phase::Mail, Mail::new(Some(from.clone()), Vec::new())).await?;
        let rcpt = self.say(Phase::Rcpt, Rcpt::new(to.clone(), Vec::new())).await?;
        let data = self.say(Phase::Data, Data).await?;
        if !data.has_code(354) {
            return Err(self.broke(Phase::Data, "the server did not ask for the message"));
        }
        Ok([told(&mail), told(&rcpt), told(&data)])
    }

    /// Gives the message itself, and returns the server's answer. Only after [`SmtpConnection::offer`].
    ///
    /// # Errors
    /// With [`Setback::Broken`], the server may have the mail.
    pub(crate) async fn hand_over(&mut self, message: &str) -> Result<String, Refusal> {
        let answer = self.say(Phase::Message, Dotted(message)).await?;
        if answer.code().severity != Severity::PositiveCompletion {
            return Err(self.broke(Phase::Message, "the server's answer makes no sense"));
        }
        self.is_clean = true;
        Ok(told(&answer))
    }

    /// For how long nothing was said.
    pub(crate) fn idle_for(&self) -> Duration {
        (self.sources.now() - self.used_at).to_std().unwrap_or_default()
    }

    /// Says goodbye, if there is a connection; whether the server answers does not matter.
    pub(crate) async fn hang_up(&mut self) {
        if let Some(mut connection) = self.inner.take() {
            let _answer = within(&self.sources, Duration::from_secs(1), connection.command(Quit)).await;
        }
    }

    /// Ends the connection in the middle of a mail, so that the server forgets it.
    pub(crate) fn abandon(&mut self) {
        self.inner = None;
        self.is_clean = true;
    }

    async fn say(&mut self, phase: Phase, command: impl Display) -> Result<Response, Refusal> {
        let limit = if phase == Phase::Message { MESSAGE } else { COMMAND };
        let Some(connection) = &mut self.inner else { return Err(self.broke(phase, "there is no connection")) };
        let answer = within(&self.sources, limit, connection.command(command)).await;
        self.touch();
        match answer {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => match error.status().map(u16::from) {
                Some(code) => Err(self.refused(phase, code, &error.to_string())),
                None => Err(self.broke(phase, &error.to_string())),
            },
            None => Err(self.broke(phase, &format!("no answer within {limit:?}"))),
        }
    }

    fn refused(&mut self, phase: Phase, code: u16, reply: &str) -> Refusal {
        if code == 421 {
            // The server closes the connection (RFC 5321, section 3.8).
            self.abandon();
        }
        Refusal { phase, setback: Setback::Refused(code), reply: printable(reply) }
    }

    fn broke(&mut self, phase: Phase, reason: &str) -> Refusal {
        self.abandon();
        Refusal { phase, setback: Setback::Broken, reply: printable(reason) }
    }

    fn touch(&mut self) {
        self.used_at = self.sources.now();
    }
}

/// What `work` yields, unless it takes longer than `limit`.
async fn within<T>(sources: &Sources, limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = sources.sleep(limit) => None,
    }
}

/// A whole message with the dot that ends it, dots at the start of its lines doubled (RFC 5321, section 4.5.2).
///
/// As one command it is one write. The mail library's own way writes the last line apart, which then waits for the
/// server's delayed acknowledgement (RFC 1122, section 4.2.3.2): 40 ms for each mail.
struct Dotted<'a>(&'a str);

impl Display for Dotted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.split_inclusive("\r\n") {
            if line.starts_with('.') {
                f.write_str(".")?;
            }
            f.write_str(line)?;
        }
        f.write_str(if self.0.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" })
    }
}

fn told(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    printable(&format!("{} {}", response.code(), lines.join(" ")))
}

/// Servers are strangers too: their words go into logs and rows only without control characters and in moderation.
fn printable(reply: &str) -> String {
    reply.chars().filter(|c| !c.is_control()).take(300).collect()
}
