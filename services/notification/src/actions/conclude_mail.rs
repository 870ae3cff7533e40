//! Writes what became of a mail after a try, and counts it.

use clock::Timestamp;
use database::WriteTransaction;
use uuid::Uuid;

use super::ClaimedMail;
use crate::error::NotificationError;
use crate::metrics;
use crate::model::delivery::{self, Next, Phase, Progress, Setback};
use crate::model::verdict::{RefusalCause, ReplyCode, asks_for_fewer, refusal_cause, weigh};
use crate::smtp::Server;
use crate::state::Notification;
use crate::store;
use crate::store::mail::{Claim, Fate, State, Tried};

/// How a try ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The server has the mail.
    Accepted { reply: String },
    /// It does not, or nobody knows.
    Setback { phase: Phase, setback: Setback, code: Option<ReplyCode>, reply: String },
}

/// What is to be written about a mail.
pub(super) struct Conclusion {
    fate: Fate,
    tried: Tried,
    is_ambiguous: bool,
}

/// Writes how the try of `mail` ended. Nothing is written if the claim was lost: somebody else decides about it then.
pub(crate) async fn conclude_mail(
    notification: &Notification,
    server: &Server,
    mail: &ClaimedMail,
    outcome: &Outcome,
) -> Result<(), NotificationError> {
    let tx = notification.context.database.begin_read_committed().await?;
    let conclusion = Conclusion::after(&mail.progress, outcome, tx.now(), tx.sources().fraction());
    let is_ours = conclusion.write(&tx, mail.claim).await?;
    learn(server, &tx, mail.mail.recipient.domain(), outcome).await?;
    if is_ours && conclusion.tried.refusal == Some(RefusalCause::NoMailbox) {
        store::suppression::bounce(&tx, &mail.mail.recipient, tx.now()).await?;
    }
    tx.commit().await?;
    if is_ours {
        conclusion.log(mail.claim.mail);
    } else {
        tracing::warn!(mail = %mail.claim.mail, ?outcome, "a mail was tried for longer than its claim held");
    }
    Ok(())
}

/// Keeps that `domain` asks for fewer mails, if that is what the answer says.
async fn learn(server: &Server, tx: &WriteTransaction, domain: &str, outcome: &Outcome) -> database::Result<()> {
    let Outcome::Setback { phase, code: Some(code), .. } = outcome else { return Ok(()) };
    if !asks_for_fewer(*phase, *code) {
        return Ok(());
    }
    let slowness = server.domains.slow_down(domain, tx.now());
    if slowness.slowed_at == tx.now() {
        tracing::warn!(domain, share = slowness.share, code = code.code, "a domain asks for fewer mails");
    }
    store::slow_domain::put(tx, domain, slowness).await
}

impl Conclusion {
    pub(super) fn after(mail: &Progress, outcome: &Outcome, now: Timestamp, jitter: f64) -> Self {
        let ends = |state| Fate::Ends { state, at: now };
        let (reply, cause, next) = match outcome {
            Outcome::Accepted { reply } => return Self::new(mail, ends(State::Sent), reply, false),
            Outcome::Setback { phase, setback, code, reply } => {
                let cause = code.and_then(|code| refusal_cause(*phase, code));
                let setback = weigh(mail.class, *setback, cause);
                (reply, cause, delivery::after(mail, *phase, setback, now, jitter))
            }
        };
        match next {
            Next::Retry { at } => Self::new(mail, Fate::Waits { until: at }, reply, false),
            Next::Resend { at } => Self::new(mail, Fate::Waits { until: at }, reply, true),
            Next::Ambiguous => Self::new(mail, ends(State::Ambiguous), reply, true),
            Next::Failed => Self::new(mail, ends(State::Failed), reply, false).because_of(cause),
        }
    }

    fn because_of(mut self, refusal: Option<RefusalCause>) -> Self {
        self.tried.refusal = refusal;
        self
    }

    /// A fate that no dialogue led to, so that no try is counted.
    pub(super) fn without_a_try(mail: &Progress, fate: Fate, reason: &str) -> Self {
        let tried =
            Tried { attempts: mail.attempts, ambiguities: mail.ambiguities, reply: reason.to_owned(), refusal: None };
        Self { fate, tried, is_ambiguous: false }
    }

    fn new(mail: &Progress, fate: Fate, reply: &str, is_ambiguous: bool) -> Self {
        let ambiguities = mail.ambiguities + u32::from(is_ambiguous);
        let attempts = mail.attempts.saturating_add(1);
        let tried = Tried { attempts, ambiguities, reply: reply.to_owned(), refusal: None };
        Self { fate, tried, is_ambiguous }
    }

    pub(super) async fn write(&self, tx: &WriteTransaction, claim: Claim) -> Result<bool, NotificationError> {
        Ok(store::mail::conclude(tx, claim, self.fate, self.tried.clone()).await?)
    }

    /// Logs and counts it, once it is committed.
    pub(super) fn log(&self, mail: Uuid) {
        let Tried { attempts, reply, .. } = &self.tried;
        if self.is_ambiguous {
            metrics::count_ambiguous();
            tracing::warn!(%mail, attempts, reply, "nobody knows whether the server has this mail");
        }
        match self.fate {
            Fate::Waits { until } => tracing::info!(%mail, attempts, reply, %until, "a mail waits for another try"),
            Fate::Ends { state: State::Sent, .. } => {
                metrics::count_sent();
                tracing::debug!(%mail, attempts, reply, "a mail was sent");
            }
            Fate::Ends { state: State::Failed, .. } => {
                metrics::count_failed(1);
                tracing::warn!(%mail, attempts, reply, "a mail failed for good");
            }
            // A campaign that is over may end as many as it has readers.
            Fate::Ends { state, .. } => tracing::debug!(%mail, ?state, reply, "a mail has ended"),
        }
    }
}
