//! How a meal comes to its diner.

use std::str::FromStr;

use kit::{FieldValue, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether somebody brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fulfilment {
    #[default]
    Delivery,
    /// The diner comes by.
    Pickup,
}

/// The word is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownFulfilment;

impl Fulfilment {
    /// The word on the wire and in columns.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Pickup => "pickup",
        }
    }
}

impl FromStr for Fulfilment {
    type Err = UnknownFulfilment;

    fn from_str(word: &str) -> Result<Self, UnknownFulfilment> {
        [Self::Delivery, Self::Pickup].into_iter().find(|known| known.as_str() == word).ok_or(UnknownFulfilment)
    }
}

impl FieldValue for Fulfilment {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("fulfilment delivery ya da pickup olmalıdır.", "fulfilment must be delivery or pickup.");
        raw.parse().map_err(|UnknownFulfilment| ("FULFILMENT_UNKNOWN", text))
    }
}
