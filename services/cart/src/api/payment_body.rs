//! What a card pays for an order.

use chrono::{DateTime, Utc};
use contracts::Money;
use kit::{Faults, Field, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::PaymentId;
use crate::store::payment::{Payment, PaymentState};

/// What a card pays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub(super) struct PaymentBody {
    id: PaymentId,
    /// Who holds the money: `sandbox` moves none.
    #[schema(example = "sandbox")]
    provider: String,
    status: PaymentStatus,
    amount: Money,
    /// What was taken.
    captured: Money,
    /// What was given back.
    refunded: Money,
    /// Where whoever pays says yes, relative to this API, with `requires_action` alone.
    redirect_url: Option<String>,
    /// Until when.
    expires_at: Option<DateTime<Utc>>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PaymentStatus {
    /// The provider has not answered yet.
    Processing,
    /// Whoever pays has to say yes on a page.
    RequiresAction,
    /// The money is held.
    Authorised,
    Declined,
    /// The money was taken.
    Captured,
    /// The money is held no more, or was given back.
    Released,
}

/// What an admin gives back.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RefundOrder {
    /// All that is left when it is left out.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, example = 12.5)]
    amount: Field<Money>,
}

/// A notice of the provider, whose signature counts.
#[derive(Debug, ToSchema)]
#[schema(as = PaymentNotice)]
#[expect(dead_code, reason = "it describes what the provider sends")]
pub(super) struct NoticeBody {
    event_id: uuid::Uuid,
    payment_id: PaymentId,
}

impl From<Payment> for PaymentBody {
    fn from(payment: Payment) -> Self {
        let asks = payment.state == PaymentState::RedirectNeeded;
        Self {
            id: payment.id,
            provider: payment.provider,
            status: payment.state.into(),
            amount: payment.amount_kurus,
            captured: payment.captured_kurus,
            refunded: payment.refunded_kurus,
            redirect_url: asks.then(|| format!("/carts/payments/{}", payment.id)),
            expires_at: asks.then_some(payment.expires_at),
        }
    }
}

impl From<PaymentState> for PaymentStatus {
    fn from(state: PaymentState) -> Self {
        match state {
            PaymentState::Authorising => Self::Processing,
            PaymentState::RedirectNeeded => Self::RequiresAction,
            PaymentState::Authorised => Self::Authorised,
            PaymentState::Declined => Self::Declined,
            PaymentState::Captured => Self::Captured,
            PaymentState::Released => Self::Released,
        }
    }
}

impl RefundOrder {
    pub(super) fn amount(self) -> Result<Option<Money>, Problem> {
        let mut faults = Faults::default();
        let amount = faults.unless_null("amount", self.amount);
        faults.check()?;
        Ok(amount)
    }
}
