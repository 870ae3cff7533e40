//! One sender: it finds a mail, gives it to the server and writes down how that ended.

use std::sync::Arc;
use std::time::Duration;

use clock::{Backoff, SetBack, Timestamp};
use contracts::MailClass;
use kit::commercial_hours;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::POLL_INTERVAL;
use crate::actions::{self, ClaimedMail, Outcome};
use crate::error::NotificationError;
use crate::model::delivery::{Phase, Setback};
use crate::smtp::{Refusal, Server, SmtpConnection, Unreachable};
use crate::state::Notification;
use crate::store;

/// What a sender does while there is no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Keeps its connection open, so that the next mail finds one and readiness knows how the server is.
    Keeper,
    /// Hangs up after a while.
    Helper,
}

/// A sender with its own connection.
pub(super) struct Worker {
    notification: Arc<Notification>,
    server: Arc<Server>,
    connection: SmtpConnection,
    role: Role,
    /// Its place among the senders of this process.
    number: usize,
    failures: u32,
    clock: SetBack,
    /// The claim under way. One that is left over from a failure of the database may be written or not.
    claim: Option<Uuid>,
}

/// What a poll of a sender found.
enum Poll {
    /// A mail of this class is due and the connection is open.
    Due(MailClass),
    /// Nothing is due before this instant, if at all.
    NothingDue { until: Option<Timestamp> },
}

/// Why a sender can't work.
#[derive(Debug, thiserror::Error)]
enum SenderError {
    #[error(transparent)]
    Server(#[from] Unreachable),
    #[error("the server refuses us and is tried again in {pause:?}")]
    Probation { pause: Duration },
    #[error(transparent)]
    Own(#[from] NotificationError),
}

/// After which silence the keeper asks whether the server is still there.
const PROBE_INTERVAL: Duration = Duration::from_secs(30);
/// After which silence a helper hangs up.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The pauses of a sender that can't work.
const PAUSES: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };

impl Worker {
    pub(super) fn new(notification: Arc<Notification>, server: Arc<Server>, role: Role, number: usize) -> Self {
        let connection = SmtpConnection::new(server.route.clone(), notification.context.sources.clone());
        Self { notification, server, connection, role, number, failures: 0, clock: SetBack::default(), claim: None }
    }

    /// Works until `stop`, and finishes the mail at hand.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        loop {
            let polled = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                polled = self.poll() => polled,
            };
            let worked = match polled {
                Ok(Poll::Due(class)) => self.work(class, &stop).await.map_err(SenderError::from),
                Ok(Poll::NothingDue { until }) => {
                    self.server.note_free(self.number);
                    self.rest(until, &stop).await;
                    Ok(())
                }
                Err(error) => Err(error),
            };
            match worked {
                Ok(()) => {
                    self.failures = 0;
                    self.server.note_free(self.number);
                }
                Err(error) => self.pause(error, &stop).await,
            }
        }
        self.connection.hang_up().await;
    }

    /// Finds whose turn it is, and opens the connection before anything is claimed: while the server is away, mails wait untouched.
    async fn poll(&mut self) -> Result<Poll, SenderError> {
        actions::recover(&self.notification).await?;
        self.let_go().await?;
        if self.clock.notice(self.notification.context.now()) {
            actions::bring_forward_all(&self.notification).await?;
            self.clock.acknowledge();
        }
        let mut next = None;
        for &class in self.classes() {
            match self.next_turn(class).await? {
                Some(at) if at <= self.notification.context.now() => {
                    self.connect().await?;
                    return Ok(Poll::Due(class));
                }
                at => next = next.into_iter().chain(at).min(),
            }
        }
        self.tend_connection().await?;
        Ok(Poll::NothingDue { until: next })
    }

    /// What it sends, that which somebody waits for first. The last senders of a process have commercial mail besides, and so at
    /// most half of its connections do.
    fn classes(&self) -> &'static [MailClass] {
        const ALL: [MailClass; 2] = [MailClass::Transactional, MailClass::Commercial];
        let has_commercial = self.number + self.server.commercial_connections() >= self.server.connections;
        if has_commercial { &ALL } else { &ALL[..1] }
    }

    /// When a mail of `class` may be claimed next, if one waits. Nothing of a lane that is closed is touched, however much waits there.
    async fn next_turn(&self, class: MailClass) -> Result<Option<Timestamp>, NotificationError> {
        let now = self.notification.context.now();
        let mut earliest = now;
        if class == MailClass::Commercial {
            if self.notification.identity.is_none() {
                return Ok(None);
            }
            if let Some(opening) = commercial_hours::opens_at(now) {
                return Ok(Some(opening));
            }
            earliest = now + self.server.commercial_throttle.next_turn(now);
        }
        let next = store::mail::next_due(&self.notification.context.database, class).await?;
        Ok(next.map(|next| next.max(earliest)))
    }

    /// Gives back what the last failure left claimed: nobody else would try that mail until the claim ends by itself.
    async fn let_go(&mut self) -> Result<(), NotificationError> {
        if let Some(claim) = self.claim {
            actions::let_go_of_mail(&self.notification, claim).await?;
            self.claim = None;
        }
        Ok(())
    }

    async fn tend_connection(&mut self) -> Result<(), SenderError> {
        match self.role {
            Role::Keeper if self.connection.idle_for() >= PROBE_INTERVAL => self.connect().await,
            Role::Helper if self.connection.idle_for() >= IDLE_TIMEOUT => {
                self.connection.hang_up().await;
                Ok(())
            }
            Role::Keeper | Role::Helper => Ok(()),
        }
    }

    async fn connect(&mut self) -> Result<(), SenderError> {
        let now = self.notification.context.now();
        self.server.probation.admit(now).map_err(|pause| SenderError::Probation { pause })?;
        self.connection.open().await?;
        self.server.note_reached();
        Ok(())
    }

    async fn work(&mut self, class: MailClass, stop: &CancellationToken) -> Result<(), NotificationError> {
        let claim = *self.claim.insert(self.notification.context.sources.uuid());
        if let Some(mail) = actions::claim_mail(&self.notification, &self.server, class, claim).await? {
            // Where one mail is due there may be more, for a sender that rests.
            self.server.wake_sender(class);
            if let Some(outcome) = self.deliver(&mail, stop).await? {
                self.conclude(&mail, &outcome, stop).await;
            }
        }
        self.claim = None;
        Ok(())
    }

    /// Gives the mail to the server; `None` if somebody else claimed it meanwhile.
    async fn deliver(
        &mut self,
        mail: &ClaimedMail,
        stop: &CancellationToken,
    ) -> Result<Option<Outcome>, NotificationError> {
        if let Err(refusal) = self.offer(mail, stop).await {
            return Ok(Some(refusal.into()));
        }
        match actions::hand_off_mail(&self.notification, mail).await {
            Ok(true) => Ok(Some(match self.connection.hand_over(&mail.message).await {
                Ok(reply) => Outcome::Accepted { reply },
                Err(refusal) => refusal.into(),
            })),
            not_ours => {
                self.connection.abandon();
                not_ours.map(|_| None)
            }
        }
    }

    /// Offers the mail when its turn comes. Until the message itself is asked for, a shutdown need not wait.
    async fn offer(&mut self, mail: &ClaimedMail, stop: &CancellationToken) -> Result<(), Refusal> {
        let sources = &self.notification.context.sources;
        let turn = self.take_turn(mail.progress.class);
        let offered = tokio::select! {
            biased;
            offered = async {
                sources.sleep(turn).await;
                self.connection.offer(&self.notification.from.email, &mail.to).await
            } => Some(offered),
            () = stop.cancelled() => None,
        };
        match offered {
            Some(offered) => {
                self.note_offered(&offered);
                offered.map(drop)
            }
            None => {
                self.connection.abandon();
                let reply = "we are shutting down".to_owned();
                Err(Refusal { phase: Phase::Mail, setback: Setback::Broken, code: None, reply })
            }
        }
    }

    /// Takes a place in the row of each limit, and says how long it is until the last of its turns.
    fn take_turn(&self, class: MailClass) -> Duration {
        let now = self.notification.context.now();
        let turn = self.server.throttle.take_turn(now);
        match class {
            MailClass::Transactional => turn,
            MailClass::Commercial => turn.max(self.server.commercial_throttle.take_turn(now)),
        }
    }

    /// What the answers to an offer say about the server.
    fn note_offered<T>(&self, offered: &Result<T, Refusal>) {
        match offered {
            Ok(_) | Err(Refusal { phase: Phase::Rcpt | Phase::Data, setback: Setback::Later | Setback::Never, .. }) => {
                self.server.note_welcome();
            }
            Err(Refusal { phase, setback: Setback::Unwelcome, reply, .. }) => {
                self.server.note_unwelcome(&format!("at {phase}: {reply}"), self.notification.context.now());
            }
            Err(_) => {}
        }
    }

    /// Writes the outcome, however long the database is away: forgotten, the mail would count as ambiguous.
    async fn conclude(&mut self, mail: &ClaimedMail, outcome: &Outcome, stop: &CancellationToken) {
        while let Err(error) = actions::conclude_mail(&self.notification, &self.server, mail, outcome).await {
            tracing::error!(%error, mail = %mail.claim.mail, ?outcome, "what became of a mail can't be written");
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.notification.context.sources.sleep(PAUSES.first) => {}
            }
        }
    }

    async fn rest(&self, until: Option<Timestamp>, stop: &CancellationToken) {
        let sources = &self.notification.context.sources;
        let due = async {
            match until {
                Some(until) => sources.sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.woken() => {}
            () = due => {}
            // Wherever the clock is set meanwhile.
            () = sources.sleep(POLL_INTERVAL) => {}
        }
    }

    /// Returns when somebody is wanted for what it sends.
    async fn woken(&self) {
        let commercial = async {
            if self.classes().contains(&MailClass::Commercial) {
                self.server.woken(MailClass::Commercial).await;
            } else {
                std::future::pending().await
            }
        };
        tokio::select! {
            () = self.server.woken(MailClass::Transactional) => {}
            () = commercial => {}
        }
    }

    async fn pause(&mut self, error: SenderError, stop: &CancellationToken) {
        let sources = &self.notification.context.sources;
        self.failures = self.failures.saturating_add(1);
        let mut pause = PAUSES.pause(self.failures, sources.fraction());
        match error {
            SenderError::Server(Unreachable::Away(reason)) => self.server.note_missed(&reason),
            SenderError::Server(Unreachable::Unwelcome(reason)) => {
                self.server.probation.begin(sources.now());
                self.server.note_missed(&reason);
            }
            SenderError::Probation { pause: interval } => pause = interval,
            SenderError::Own(error) => {
                self.server.note_hindered(self.number, &error.to_string());
                tracing::warn!(%error, "mails can't be sent for the moment");
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.server.recovery() => {}
            () = sources.sleep(pause) => {}
        }
    }
}

impl From<Refusal> for Outcome {
    fn from(Refusal { phase, setback, code, reply }: Refusal) -> Self {
        Self::Setback { phase, setback, code, reply }
    }
}
