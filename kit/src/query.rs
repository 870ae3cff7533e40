//! The parameters of a query, each of which is sent once.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;

use crate::{Fault, Field, FieldValue, Text};

/// All parameters of a request's query. Unknown ones are ignored, as unknown fields of a body are.
#[derive(Debug, Default)]
pub struct QueryParameters(Vec<(String, String)>);

impl QueryParameters {
    /// Reads the query of `uri`.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        // Any text is a query of some pairs.
        Self(Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default())
    }

    /// The value of `name`, if it was sent.
    ///
    /// # Errors
    /// It was sent more than once.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, Fault> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Fault::new(name, "REPEATED", REPEATED)),
            (value, None) => Ok(value),
        }
    }

    /// The field `name`, if it was sent.
    #[must_use]
    pub fn field<T: FieldValue<Raw = String>>(&self, name: &'static str) -> Field<T> {
        match self.one(name) {
            Ok(text) => text.map_or(Field::Absent, |text| Field::of(text.to_owned())),
            Err(Fault { code, text, .. }) => Field::refused(code, text),
        }
    }

    /// Every name with its value, in the order of the query.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<S: Sync> FromRequestParts<S> for QueryParameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

const REPEATED: Text = Text::new("Bu değer bir kez gönderilmelidir.", "This value must be sent once.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_sent_once_or_not_at_all() {
        let parameters = QueryParameters::of(&Uri::from_static("/path?a=1&b=%C5%9F&c=x&c=x&d="));

        assert_eq!(parameters.one("a"), Ok(Some("1")));
        assert_eq!(parameters.one("b"), Ok(Some("ş")));
        assert_eq!(parameters.one("c"), Err(Fault::new("c", "REPEATED", REPEATED)));
        assert_eq!(parameters.one("d"), Ok(Some("")));
        assert_eq!(parameters.one("e"), Ok(None));
    }
}
