//! The gender that a user states.

use std::str::FromStr;

use kit::{FieldValue, Text};
use serde::Serialize;
use utoipa::ToSchema;

/// The words that the first platform's front end sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Gender {
    Male,
    Female,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gender must be male, female or other")]
pub(crate) struct UnknownGender;

impl Gender {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
        }
    }
}

impl FromStr for Gender {
    type Err = UnknownGender;

    fn from_str(word: &str) -> Result<Self, UnknownGender> {
        match word {
            "male" => Ok(Self::Male),
            "female" => Ok(Self::Female),
            "other" => Ok(Self::Other),
            _ => Err(UnknownGender),
        }
    }
}

impl FieldValue for Gender {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        raw.parse().map_err(|UnknownGender| {
            let text =
                Text::new("Cinsiyet male, female ya da other olmalıdır.", "The gender must be male, female or other.");
            ("GENDER_UNKNOWN", text)
        })
    }
}
