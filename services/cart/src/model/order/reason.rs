//! Why an order comes to nothing.

use std::str::FromStr;

use contracts::ShortText;
use kit::{FieldValue, Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// What a person adds to a reason.
pub(crate) type ReasonText = ShortText<200>;

/// Why an order is rejected or called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Reason {
    /// The kitchen is closed after all.
    Closed,
    /// Something is sold out.
    SoldOut,
    /// There is too much to do.
    TooBusy,
    /// It is too far.
    Area,
    /// The text says why.
    Other,
    /// Nobody has answered in time.
    NoAnswer,
    /// The card gives no money after all.
    PaymentRefused,
}

/// A reason that a person gives. [`Reason::Other`] comes with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenReason {
    pub(crate) reason: Reason,
    pub(crate) text: Option<ReasonText>,
}

/// The word on the wire of a reason that a person can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HumanReason(pub(crate) Reason);

impl Reason {
    /// The word on the wire and in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl From<Reason> for GivenReason {
    fn from(reason: Reason) -> Self {
        Self { reason, text: None }
    }
}

impl FieldValue for HumanReason {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new(
            "Neden closed, sold_out, too_busy, area ya da other olmalıdır.",
            "The reason must be closed, sold_out, too_busy, area or other.",
        );
        match Reason::from_str(&raw) {
            Ok(Reason::NoAnswer | Reason::PaymentRefused) | Err(_) => Err(("REASON_UNKNOWN", text)),
            Ok(reason) => Ok(Self(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_platform_says_is_no_reason_that_a_person_gives() {
        for (word, reason) in
            [("closed", Some(Reason::Closed)), ("other", Some(Reason::Other)), ("no_answer", None), ("", None)]
        {
            assert_eq!(HumanReason::parse(word.to_owned()).ok().map(|human| human.0), reason, "{word}");
        }
    }
}
