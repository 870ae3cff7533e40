//! What is wrong with one field of a request, by a stable code and in both languages.

use std::borrow::Cow;

use contracts::Locale;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Text;
use crate::excerpt::excerpt;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    field: Cow<'static, str>,
    pub(crate) code: &'static str,
    pub(crate) text: Text,
}

/// What is wrong with one field, as it is answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultBody {
    /// The field's name in the request; of a part with its place, such as `options[2].price`, rows counted from zero.
    #[schema(value_type = String)]
    pub(crate) field: Cow<'static, str>,
    /// Stable, for programs.
    code: &'static str,
    /// What is wrong, in the language of the request.
    pub(crate) message: String,
}

/// How much of a name is repeated to whoever sent it.
pub(crate) const LONGEST_NAME: usize = 64;

impl Fault {
    /// A fault of `field`, for rules that look at several fields.
    #[must_use]
    pub const fn new(field: &'static str, code: &'static str, text: Text) -> Self {
        Self { field: Cow::Borrowed(field), code, text }
    }

    /// A fault of a field that the request itself names.
    #[must_use]
    pub fn of_request(field: &str, (code, text): (&'static str, Text)) -> Self {
        Self { field: Cow::Owned(excerpt(field, LONGEST_NAME).into_owned()), code, text }
    }

    /// The same fault, where its field is a part of `outer`.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let separator = if self.field.is_empty() || self.field.starts_with('[') { "" } else { "." };
        Self { field: Cow::Owned(format!("{outer}{separator}{}", self.field)), ..self }
    }

    /// Which field it is of.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong, for whoever reads no answer.
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.text
    }

    pub(crate) fn body(&self, locale: Locale) -> FaultBody {
        FaultBody { field: self.field.clone(), code: self.code, message: self.text.in_locale(locale).to_owned() }
    }
}
