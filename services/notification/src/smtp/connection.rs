//! One connection to the mail server, kept open between mails, and what was said on it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use clock::{Sources, Timestamp};
use lettre::Address;

use super::Route;
use super::dialogue::{Dialogue, Reply, printable};
use crate::model::delivery::{Phase, Setback};
use crate::model::verdict::{ReplyCode, judge};

/// A connection that is opened when needed.
pub(crate) struct SmtpConnection {
    route: Arc<Route>,
    sources: Sources,
    inner: Option<Dialogue>,
    used_at: Timestamp,
    /// Whether the server thinks of no mail; it may still think of one that it refused.
    is_clean: bool,
}

/// What the server said instead of yes, if it said anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) phase: Phase,
    pub(crate) setback: Setback,
    /// The codes of its answer, if there was one that makes sense.
    pub(crate) code: Option<ReplyCode>,
    pub(crate) reply: String,
}

/// Why there is no connection on which a mail could be offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreachable {
    /// The server is away, busy or not who it should be.
    #[error("{0}")]
    Away(String),
    /// It refuses us.
    #[error("{0}")]
    Unwelcome(String),
}

/// How long connecting, protecting and signing in may take together, and how long each command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server may think about a whole message.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(60);
const NO_CONNECTION: &str = "there is no connection";
/// How long a silent connection is trusted.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

impl SmtpConnection {
    pub(crate) fn new(route: Arc<Route>, sources: Sources) -> Self {
        Self { route, sources, inner: None, used_at: Timestamp::UNIX_EPOCH, is_clean: true }
    }

    /// Makes it ready for a mail: the old connection if that still answers, else a new one.
    ///
    /// # Errors
    /// Why the server can't be reached.
    pub(crate) async fn open(&mut self) -> Result<(), Unreachable> {
        let is_trusted = self.is_clean && self.idle_for() <= PROBE_INTERVAL;
        if self.inner.is_some() && !is_trusted {
            self.probe().await;
        }
        if self.inner.is_none() {
            let connected = within(&self.sources, COMMAND_TIMEOUT, self.route.connect()).await;
            let silent = || Unreachable::Away(format!("{} did not answer within {COMMAND_TIMEOUT:?}", self.route));
            self.inner = Some(connected.unwrap_or_else(|| Err(silent()))?);
            self.touch();
        }
        Ok(())
    }

    /// What the server offers by its answer to `EHLO`, its name first; nothing without a connection.
    pub(crate) fn offers(&self) -> &[String] {
        self.inner.as_ref().map_or(&[], |dialogue| &dialogue.offers)
    }

    /// `RSET` makes the server forget a refused mail, and shows that it is still there (Postfix probes its kept
    /// connections the same way).
    async fn probe(&mut self) {
        let Some(connection) = &mut self.inner else { return };
        let answer = within(&self.sources, COMMAND_TIMEOUT, connection.say("RSET")).await;
        if matches!(answer, Some(Ok(reply)) if reply.code.is_positive()) {
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
        let mail = self.say(Phase::Mail, &format!("MAIL FROM:<{from}>")).await?;
        let rcpt = self.say(Phase::Rcpt, &format!("RCPT TO:<{to}>")).await?;
        let data = self.say(Phase::Data, "DATA").await?;
        Ok([mail.text, rcpt.text, data.text])
    }

    /// Gives the message itself, and returns the server's answer. Only after [`SmtpConnection::offer`].
    ///
    /// # Errors
    /// With [`Setback::Broken`], the server may have the mail.
    pub(crate) async fn hand_over(&mut self, message: &str) -> Result<String, Refusal> {
        let limit = MESSAGE_TIMEOUT;
        let Some(dialogue) = &mut self.inner else { return Err(self.broke(Phase::Message, NO_CONNECTION)) };
        let answer = within(&self.sources, limit, dialogue.write(dotted(message).as_bytes())).await;
        let reply = self.judged(Phase::Message, answer, limit)?;
        self.is_clean = true;
        Ok(reply.text)
    }

    /// For how long nothing was said.
    pub(crate) fn idle_for(&self) -> Duration {
        (self.sources.now() - self.used_at).to_std().unwrap_or_default()
    }

    /// Says goodbye, if there is a connection; whether the server answers does not matter.
    pub(crate) async fn hang_up(&mut self) {
        if let Some(mut dialogue) = self.inner.take() {
            let _answer = within(&self.sources, Duration::from_secs(1), dialogue.say("QUIT")).await;
        }
    }

    /// Ends the connection in the middle of a mail, so that the server forgets it.
    pub(crate) fn abandon(&mut self) {
        self.inner = None;
        self.is_clean = true;
    }

    async fn say(&mut self, phase: Phase, command: &str) -> Result<Reply, Refusal> {
        let Some(dialogue) = &mut self.inner else { return Err(self.broke(phase, NO_CONNECTION)) };
        let answer = within(&self.sources, COMMAND_TIMEOUT, dialogue.say(command)).await;
        self.judged(phase, answer, COMMAND_TIMEOUT)
    }

    fn judged(&mut self, phase: Phase, answer: Option<io::Result<Reply>>, limit: Duration) -> Result<Reply, Refusal> {
        self.touch();
        let reply = match answer {
            Some(Ok(reply)) => reply,
            Some(Err(error)) => return Err(self.broke(phase, &error.to_string())),
            None => return Err(self.broke(phase, &format!("no answer within {limit:?}"))),
        };
        if reply.code.closes() {
            self.abandon();
        }
        match judge(phase, reply.code) {
            Ok(()) => Ok(reply),
            Err(Setback::Broken) => {
                Err(self.broke(phase, &format!("the server's answer makes no sense: {}", reply.text)))
            }
            Err(setback) => Err(Refusal { phase, setback, code: Some(reply.code), reply: reply.text }),
        }
    }

    fn broke(&mut self, phase: Phase, reason: &str) -> Refusal {
        self.abandon();
        Refusal { phase, setback: Setback::Broken, code: None, reply: printable(reason) }
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
/// It goes out in one write: a last line apart would wait for the server's delayed acknowledgement (RFC 1122, section
/// 4.2.3.2), 40 ms for each mail.
fn dotted(message: &str) -> String {
    let mut dotted = String::with_capacity(message.len() + 64);
    for line in message.split_inclusive("\r\n") {
        if line.starts_with('.') {
            dotted.push('.');
        }
        dotted.push_str(line);
    }
    dotted.push_str(if message.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
    dotted
}
