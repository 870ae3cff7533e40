//! What a payment is to come to in the sandbox: it knows no cards.

use kit::{FieldValue, Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

/// A card of the sandbox, by what becomes of it.
///
/// A word is written down only where a client has sent it, so a release that brings a new one, as `late_ok` once was, writes
/// everything else as the release before does. That one can't read a payment that has the new word: while a fleet is replaced, its
/// replicas fail at such an order and change nothing, because a step and what follows for its money are one transaction, and answer
/// 500 to who reads it. They may claim a movement of such a payment and fail behind that: it is taken for one that was sent, so
/// the provider's books are checked before it is asked again, which takes minutes. Replicas of the new release go on with all of
/// it, so neither money nor an order is lost. Where all go back to the release before, such orders stand as they are until the
/// new one comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SandboxToken {
    /// It pays.
    #[default]
    Ok,
    Declined,
    /// Whoever pays has to say yes on a page, and does.
    #[serde(rename = "3ds_ok")]
    #[strum(serialize = "3ds_ok")]
    ThreeDsOk,
    /// The same, and the bank says no.
    #[serde(rename = "3ds_fail")]
    #[strum(serialize = "3ds_fail")]
    ThreeDsFail,
    /// It pays, and nobody hears of it in time.
    SlowOk,
    /// It does not, and nobody hears of that either.
    SlowLost,
    /// It pays, and the provider answers no question about it for twenty minutes.
    Silent,
    /// It pays when nobody waits for the answer any more, and the notice comes then.
    LateOk,
    /// The notice comes before the answer.
    WebhookFirst,
    /// The notice comes twice.
    WebhookTwice,
    /// What is held can't be taken.
    CaptureFails,
    /// What is given back is answered late.
    RefundSlow,
}

impl SandboxToken {
    /// The word on the wire and in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl FieldValue for SandboxToken {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "Kart bilgisi geçersiz: deneme ödemesi yalnız kendi sözcüklerini tanır (ok, declined, 3ds_ok, …).",
            "The token is not valid: the sandbox knows its own words alone (ok, declined, 3ds_ok, …).",
        );
        raw.parse().map_err(|_| ("TOKEN_UNKNOWN", text))
    }
}
