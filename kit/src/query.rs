//! The parameters of a query, each of which is sent once.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Fault, Faults, Field, FieldValue, Problem, Text};

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

/// What the query of a request asks for, by the fields of `T`: each a [`Parameter`].
#[derive(Debug)]
pub struct Parameters<T>(pub T);

/// A parameter that is read as a `T`. One without a text is as one that was not sent; [`Faults`] collects what is wrong when it is
/// taken out.
#[derive(Debug, Default)]
pub enum Parameter<T> {
    /// It was not sent, or says nothing.
    #[default]
    Absent,
    /// It was sent and can be read.
    Readable(T),
    /// It was sent and can't.
    Unreadable(Fault),
    /// It was sent more than once.
    Repeated,
}

impl<T: FieldValue<Raw = String>> Parameter<T> {
    fn of(text: &str) -> Self {
        match text.trim() {
            "" => Self::Absent,
            text => match T::parse(text.to_owned()) {
                Ok(value) => Self::Readable(value),
                Err((code, text)) => Self::Unreadable(Fault::new("", code, text)),
            },
        }
    }
}

impl Faults {
    /// The value of a parameter of ours.
    pub fn parameter<T>(&mut self, name: &'static str, parameter: Parameter<T>) -> Option<T> {
        match parameter {
            Parameter::Unreadable(fault) => {
                self.push(fault.within(name));
                None
            }
            readable @ (Parameter::Absent | Parameter::Readable(_) | Parameter::Repeated) => {
                self.lenient(name, readable)
            }
        }
    }

    /// The value of a parameter that the first platform has: what it can't read it ignores.
    pub fn lenient<T>(&mut self, name: &'static str, parameter: Parameter<T>) -> Option<T> {
        match parameter {
            Parameter::Absent | Parameter::Unreadable(_) => None,
            Parameter::Readable(value) => Some(value),
            Parameter::Repeated => {
                self.add(name, "REPEATED", REPEATED);
                None
            }
        }
    }
}

/// How often a parameter was sent.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Sent {
    Once(String),
    Again(()),
}

impl<'de, T: FieldValue<Raw = String>> Deserialize<'de> for Parameter<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Sent::deserialize(deserializer)? {
            Sent::Once(text) => Self::of(&text),
            Sent::Again(()) => Self::Repeated,
        })
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut sent: BTreeMap<String, Sent> = BTreeMap::new();
        for (name, text) in QueryParameters::of(&parts.uri).0 {
            sent.entry(name).and_modify(|sent| *sent = Sent::Again(())).or_insert(Sent::Once(text));
        }
        let object = serde_json::to_value(sent).and_then(serde_json::from_value);
        object.map(Self).map_err(|error| Problem::unexpected(&error))
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

    #[derive(Deserialize)]
    struct Asked {
        #[serde(default)]
        ours: Parameter<contracts::MealId>,
        #[serde(default)]
        theirs: Parameter<contracts::MealId>,
    }

    /// Whether each of the two has a value, and which faults there are.
    async fn read(query: &str) -> ([bool; 2], Vec<(String, &'static str)>) {
        let request = axum::http::Request::builder().uri(format!("/path?{query}")).body(()).unwrap();
        let Parameters(asked) =
            Parameters::<Asked>::from_request_parts(&mut request.into_parts().0, &()).await.unwrap();
        let mut faults = Faults::default();
        let values = [faults.parameter("ours", asked.ours), faults.lenient("theirs", asked.theirs)];
        let named = faults.list().iter().map(|fault| (fault.field().to_owned(), fault.code())).collect();
        (values.map(|value| value.is_some()), named)
    }

    #[tokio::test]
    async fn what_can_t_be_read_is_a_fault_of_ours_and_nothing_of_theirs() {
        let id = "018f0000-0000-7000-8000-000000000001";

        assert_eq!(read(&format!("ours={id}&theirs=+{id}+&other=7")).await, ([true, true], vec![]));
        assert_eq!(read("ours=&theirs=+").await, ([false, false], vec![]));
        assert_eq!(read("ours=7&theirs=7").await, ([false, false], vec![("ours".to_owned(), "ID_INVALID")]));
    }

    #[tokio::test]
    async fn what_is_sent_twice_is_a_fault_of_either() {
        let repeated = ["ours", "theirs"].map(|name| (name.to_owned(), "REPEATED"));

        assert_eq!(read("ours=7&theirs=7&ours=7&theirs=8&theirs=9").await, ([false, false], repeated.to_vec()));
    }
}
