//! How a meal comes to its diner.

use kit::{FieldValue, Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// Whether somebody brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, EnumString, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Fulfilment {
    #[default]
    Delivery,
    /// The diner comes by.
    Pickup,
}

impl Fulfilment {
    /// The word on the wire and in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl FieldValue for Fulfilment {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let text = Text::new("fulfilment delivery ya da pickup olmalıdır.", "fulfilment must be delivery or pickup.");
        raw.parse().map_err(|_| ("FULFILMENT_UNKNOWN", text))
    }
}
