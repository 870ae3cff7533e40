//! The sandbox: a provider of card payments that moves no money, and behaves in each way in which one can.
//!
//! It keeps its own books, in transactions of its own, as a provider elsewhere does: nothing of ours is committed with them. What
//! does not answer in time may have happened or not, so whoever asks looks up what has. A second provider would stand beside
//! this module, behind the same functions.

use std::time::Duration;

use aws_lc_rs::hmac;
use contracts::Money;
use data_encoding::HEXLOWER;
use database::{Database, WriteTransaction};
use kit::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{PaymentId, SandboxToken};
use crate::store::sandbox as store;
use crate::store::sandbox::{Charge, ChargeState};

/// What this provider is called in every answer.
pub(crate) const NAME: &str = "sandbox";
/// The header of a notice that holds the MAC over its body, in hexadecimal digits.
pub(crate) const SIGNATURE: &str = "sandbox-signature";

/// No call waits longer.
const CALL_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long a slow one takes.
const SLOW_DELAY: Duration = Duration::from_secs(10);
/// For how long a silent one is not answered for.
const SILENCE_WINDOW: Duration = Duration::from_secs(20 * 60);
/// How long a late one takes, and how many of them are done together.
const LATE_DELAY: Duration = Duration::from_secs(20);
const LATE_BATCH: u64 = 20;
/// So many are passed over at most.
const MOST_PASSED: usize = 500;

/// What a call has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// It was not done, and will not be.
    Declined(&'static str),
    /// Whoever pays has to say yes on a page first.
    RedirectNeeded,
    /// It may have been done or not: nobody has answered in time.
    Unknown,
}

/// What a call has come to, with what the provider reports meanwhile by itself.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) outcome: Outcome,
    /// Notices that arrive before the answer does.
    pub(crate) notices: Vec<SignedNotice>,
}

/// What the provider's books say of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) state: FoundState,
    pub(crate) captured: Money,
    pub(crate) refunds: Vec<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundState {
    /// Whoever pays has not said yes yet.
    Pending,
    /// The money is held.
    Authorised,
    Declined,
    /// The money is held no more.
    Voided,
}

/// What the provider reports by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) event_id: Uuid,
    pub(crate) payment_id: PaymentId,
}

/// The same as it comes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct SignedNotice {
    pub(crate) body: String,
    pub(crate) signature: String,
}

/// The provider.
pub(crate) struct Sandbox {
    context: Context,
    key: hmac::Key,
}

impl Sandbox {
    pub(crate) fn new(context: &Context) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &context.database.vault().key("notices of the sandbox"));
        Self { context: context.clone(), key }
    }

    /// Holds the money.
    pub(crate) async fn authorise(&self, id: PaymentId, amount: Money, token: SandboxToken) -> Answered {
        let notices = match token {
            SandboxToken::WebhookFirst => vec![self.notice(id)],
            SandboxToken::WebhookTwice => vec![self.notice(id); 2],
            SandboxToken::Ok
            | SandboxToken::Declined
            | SandboxToken::ThreeDsOk
            | SandboxToken::ThreeDsFail
            | SandboxToken::SlowOk
            | SandboxToken::SlowLost
            | SandboxToken::Silent
            | SandboxToken::LateOk
            | SandboxToken::CaptureFails
            | SandboxToken::RefundSlow => Vec::new(),
        };
        let outcome = self.within_limit(self.hold(id, amount, token)).await;
        Answered { outcome, notices }
    }

    /// Whoever pays has pressed the button of the page.
    pub(crate) async fn complete(&self, id: PaymentId) -> Outcome {
        self.within_limit(async {
            let (tx, charge) = self.begin(id).await?;
            let Some(charge) = charge else { return Ok(Outcome::Declined("unknown_payment")) };
            let state = match charge.state {
                ChargeState::Pending if charge.token == SandboxToken::ThreeDsOk => ChargeState::Authorised,
                ChargeState::Pending => ChargeState::Declined,
                known @ (ChargeState::Authorised | ChargeState::Declined | ChargeState::Voided) => known,
            };
            store::set_state(&tx, id, state).await?;
            tx.commit().await?;
            Ok(if state == ChargeState::Authorised { Outcome::Done } else { Outcome::Declined("not_confirmed") })
        })
        .await
    }

    /// Takes the money that is held.
    pub(crate) async fn capture(&self, id: PaymentId, amount: Money) -> Outcome {
        self.within_limit(async {
            let (tx, charge) = self.begin(id).await?;
            let Some(charge) = charge else { return Ok(Outcome::Declined("unknown_payment")) };
            if charge.token == SandboxToken::CaptureFails {
                return Ok(Outcome::Declined("capture_refused"));
            }
            if charge.captured_kurus == amount {
                return Ok(Outcome::Done);
            }
            if charge.state != ChargeState::Authorised || amount > charge.amount_kurus {
                return Ok(Outcome::Declined("nothing_held"));
            }
            store::set_captured(&tx, id, amount).await?;
            tx.commit().await?;
            Ok(Outcome::Done)
        })
        .await
    }

    /// Holds the money no more. What was taken is not given back by this.
    pub(crate) async fn void(&self, id: PaymentId) -> Outcome {
        self.within_limit(async {
            let (tx, charge) = self.begin(id).await?;
            match charge {
                Some(charge) if charge.captured_kurus > Money::ZERO => Ok(Outcome::Declined("captured")),
                Some(charge) if matches!(charge.state, ChargeState::Voided | ChargeState::Declined) => {
                    Ok(Outcome::Done)
                }
                Some(_) => {
                    store::set_state(&tx, id, ChargeState::Voided).await?;
                    tx.commit().await?;
                    Ok(Outcome::Done)
                }
                // Nothing is held. What is still on its way finds that it was voided.
                None => {
                    let voided =
                        Charge { state: ChargeState::Voided, ..self.charge(id, Money::ZERO, SandboxToken::Ok) };
                    store::insert(&tx, voided).await?;
                    tx.commit().await?;
                    Ok(Outcome::Done)
                }
            }
        })
        .await
    }

    /// Gives money back that was taken, once for each `refund_id`.
    pub(crate) async fn refund(&self, id: PaymentId, refund_id: Uuid, amount: Money) -> Outcome {
        self.within_limit(async {
            let (tx, charge) = self.begin(id).await?;
            let Some(charge) = charge else { return Ok(Outcome::Declined("unknown_payment")) };
            let refunds = store::refunds(&tx, id).await?;
            if refunds.iter().any(|(known, _)| *known == refund_id) {
                return Ok(Outcome::Done);
            }
            let given: Option<Money> = refunds.iter().try_fold(amount, |sum, (_, amount)| sum.checked_add(*amount));
            if given.is_none_or(|given| given > charge.captured_kurus) {
                return Ok(Outcome::Declined("more_than_captured"));
            }
            store::insert_refund(&tx, id, refund_id, amount).await?;
            tx.commit().await?;
            if charge.token == SandboxToken::RefundSlow {
                self.context.sources.sleep(SLOW_DELAY).await;
            }
            Ok(Outcome::Done)
        })
        .await
    }

    /// What has happened. `None` where the provider does not answer, `Some(None)` where it knows of no such payment.
    pub(crate) async fn check(&self, id: PaymentId) -> Option<Option<Found>> {
        let found = async {
            let database = &self.context.database;
            let known = store::find(database, id).await?;
            let Some(charge) = known.filter(|charge| !charge.is_on_its_way()) else { return Ok(None) };
            if charge.token == SandboxToken::Silent && self.context.now() < charge.created_at + SILENCE_WINDOW {
                self.context.sources.sleep(SLOW_DELAY).await;
            }
            let refunds = store::refunds(database, id).await?.into_iter().map(|(refund, _)| refund).collect();
            Ok(Some(Found { state: charge.state.into(), captured: charge.captured_kurus, refunds }))
        };
        let found: database::Result<Option<Found>> = tokio::time::timeout(CALL_TIMEOUT, found).await.ok()?;
        found
            .inspect_err(|error| tracing::warn!(%error, payment_id = %id, "the books of the sandbox can't be read"))
            .ok()
    }

    /// Does what it was asked for so long ago that nobody waits for it any more, and reports that. What can't be done is passed over.
    pub(crate) async fn catch_up(&self) -> database::Result<Vec<SignedNotice>> {
        let (by, mut notices, mut passed) = (self.context.now() - LATE_DELAY, Vec::new(), Vec::new());
        loop {
            let known = passed.len();
            for id in store::list_late(&self.context.database, by, &passed, LATE_BATCH).await? {
                match self.hold_late(id).await {
                    Ok(is_held) => notices.extend(is_held.then(|| self.notice(id))),
                    Err(error) => {
                        tracing::warn!(%error, payment_id = %id, "the sandbox does not hold what it was asked for late");
                        passed.push(id);
                    }
                }
            }
            if passed.len() == known || passed.len() >= MOST_PASSED {
                return Ok(notices);
            }
        }
    }

    /// Whether it holds now what it did not before.
    async fn hold_late(&self, id: PaymentId) -> database::Result<bool> {
        let (tx, charge) = self.begin(id).await?;
        // Whoever has given it up has voided it.
        let is_held = charge.is_some_and(|charge| charge.is_on_its_way());
        if is_held {
            store::set_state(&tx, id, ChargeState::Authorised).await?;
            tx.commit().await?;
        }
        Ok(is_held)
    }

    /// The notice, if it is the provider's.
    pub(crate) fn verify(&self, signature: &str, body: &[u8]) -> Option<Notice> {
        let mac = HEXLOWER.decode(signature.as_bytes()).ok()?;
        hmac::verify(&self.key, body, &mac).ok()?;
        serde_json::from_slice(body).ok()
    }

    fn notice(&self, payment_id: PaymentId) -> SignedNotice {
        let notice = Notice { event_id: self.context.sources.uuid(), payment_id };
        let body = serde_json::to_string(&notice).expect("a notice has no map");
        let signature = HEXLOWER.encode(hmac::sign(&self.key, body.as_bytes()).as_ref());
        SignedNotice { body, signature }
    }

    async fn hold(&self, id: PaymentId, amount: Money, token: SandboxToken) -> database::Result<Outcome> {
        if token == SandboxToken::SlowLost {
            self.context.sources.sleep(SLOW_DELAY).await;
            return Ok(Outcome::Unknown);
        }
        let state = match token {
            SandboxToken::Declined => ChargeState::Declined,
            SandboxToken::ThreeDsOk | SandboxToken::ThreeDsFail | SandboxToken::LateOk => ChargeState::Pending,
            SandboxToken::Ok
            | SandboxToken::SlowOk
            | SandboxToken::SlowLost
            | SandboxToken::Silent
            | SandboxToken::WebhookFirst
            | SandboxToken::WebhookTwice
            | SandboxToken::CaptureFails
            | SandboxToken::RefundSlow => ChargeState::Authorised,
        };
        let (tx, known) = self.begin(id).await?;
        let state = match known {
            Some(known) => {
                drop(tx);
                known.state
            }
            None => {
                store::insert(&tx, Charge { state, ..self.charge(id, amount, token) }).await?;
                tx.commit().await?;
                state
            }
        };
        if matches!(token, SandboxToken::SlowOk | SandboxToken::Silent | SandboxToken::LateOk) {
            self.context.sources.sleep(SLOW_DELAY).await;
        }
        Ok(match state {
            ChargeState::Authorised => Outcome::Done,
            ChargeState::Pending => Outcome::RedirectNeeded,
            ChargeState::Declined => Outcome::Declined("card_declined"),
            ChargeState::Voided => Outcome::Declined("voided"),
        })
    }

    fn charge(&self, payment_id: PaymentId, amount: Money, token: SandboxToken) -> Charge {
        let (amount_kurus, captured_kurus, created_at) = (amount, Money::ZERO, self.context.now());
        Charge { payment_id, token, amount_kurus, captured_kurus, state: ChargeState::Pending, created_at }
    }

    async fn begin(&self, id: PaymentId) -> database::Result<(WriteTransaction, Option<Charge>)> {
        let database: &Database = &self.context.database;
        let tx = database.begin_locked(&format!("sandbox {id}")).await?;
        let charge = store::find(&tx, id).await?;
        Ok((tx, charge))
    }

    /// A provider whose books can't be reached has not answered.
    async fn within_limit(&self, call: impl Future<Output = database::Result<Outcome>>) -> Outcome {
        match tokio::time::timeout(CALL_TIMEOUT, call).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the sandbox does not answer");
                Outcome::Unknown
            }
            Err(_) => Outcome::Unknown,
        }
    }
}

impl Charge {
    /// Whether the provider was asked for it and has not come to it yet, so that its books don't show it.
    fn is_on_its_way(&self) -> bool {
        self.token == SandboxToken::LateOk && self.state == ChargeState::Pending
    }
}

impl From<ChargeState> for FoundState {
    fn from(state: ChargeState) -> Self {
        match state {
            ChargeState::Pending => Self::Pending,
            ChargeState::Authorised => Self::Authorised,
            ChargeState::Declined => Self::Declined,
            ChargeState::Voided => Self::Voided,
        }
    }
}
