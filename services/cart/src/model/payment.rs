//! Cards: what a payment stands at, and the movements of money that are asked of its provider.

use std::time::Duration;

use strum::{EnumString, IntoStaticStr};

contracts::typed_id! {
    /// A payment of an order, with us and with its provider.
    PaymentId
}

/// What a provider does not find by then never came to it, so it may be asked a second time.
pub(crate) const LOSS_TIMEOUT: Duration = Duration::from_secs(60);

/// What a provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum MovementKind {
    /// To hold the money.
    Authorise,
    /// To take what is held.
    Capture,
    /// To let go of what is held, or to give all of it back where it was taken.
    Release,
    /// To give some of it back.
    Refund,
}

impl MovementKind {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}
