//! The languages that the platform speaks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};
use utoipa::ToSchema;

/// A language of texts and mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[derive(Serialize, Deserialize, JsonSchema, ToSchema, Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownLocale, parse_err_fn = UnknownLocale::of)]
pub enum Locale {
    /// Turkish, the language of the platform.
    #[default]
    Tr,
    /// English.
    En,
}

impl Locale {
    /// The language tag, `tr` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The text in this language. Both stand side by side where they are told, so that they change together.
    #[must_use]
    pub fn say<'a>(self, tr: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Tr => tr,
            Self::En => en,
        }
    }
}

/// A language that the platform does not speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the language must be tr or en")]
pub struct UnknownLocale;

impl UnknownLocale {
    fn of(_tag: &str) -> Self {
        Self
    }
}
