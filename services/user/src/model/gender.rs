//! The gender that a user states.

use kit::{FieldValue, Text};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// The words that the first platform's front end sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Gender {
    Male,
    Female,
    Other,
}

impl Gender {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl FieldValue for Gender {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map_err(|_| {
            let text =
                Text::new("Cinsiyet male, female ya da other olmalıdır.", "The gender must be male, female or other.");
            ("GENDER_UNKNOWN", text)
        })
    }
}
