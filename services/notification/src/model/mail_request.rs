//! What is heard where mails are asked for, also of types that only a later release knows.

use std::borrow::Cow;

use contracts::schemars::{JsonSchema, Schema, SchemaGenerator};
use contracts::{EmailEvent, Event, MailKind};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// An event of the topic of [`EmailEvent`].
///
/// While a fleet is upgraded, a release that is ahead may ask for a type of mail that this one does not know. That it is one of
/// ours shows the `class`, which every release writes and no peer of the first platform does; of those, an unknown type is an
/// error as ever.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum MailRequest {
    /// This release knows its type.
    Known(EmailEvent),
    /// A later one does.
    Unknown(Value),
}

impl MailRequest {
    /// What stands in `field` of a value, where that is a text.
    pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
        value.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for MailRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let kind = Self::text(&value, "type");
        let is_unknown = !kind.is_empty() && MailKind::named(kind).is_none();
        if is_unknown && !Self::text(&value, "class").is_empty() {
            return Ok(Self::Unknown(value));
        }
        serde_json::from_value(value).map(Self::Known).map_err(D::Error::custom)
    }
}

impl Event for MailRequest {
    const TOPIC: &'static str = EmailEvent::TOPIC;
    const TYPE: &'static str = EmailEvent::TYPE;
    const SECRET: bool = EmailEvent::SECRET;
    const EXAMPLES: &'static [&'static str] = EmailEvent::EXAMPLES;

    fn key(&self) -> String {
        match self {
            Self::Known(event) => event.key(),
            Self::Unknown(value) => Self::text(value, "to").to_owned(),
        }
    }
}

impl JsonSchema for MailRequest {
    fn schema_name() -> Cow<'static, str> {
        EmailEvent::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        EmailEvent::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<MailRequest, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_this_release_knows_is_read_as_ever() {
        for example in EmailEvent::EXAMPLES {
            let MailRequest::Known(event) = read(example).unwrap() else { panic!("{example}") };

            assert_eq!(event, serde_json::from_str::<EmailEvent>(example).unwrap());
        }
    }

    #[test]
    fn an_unknown_type_waits_only_where_a_release_of_ours_asks_for_it() {
        let ours = r#"{"type":"receipt","to":"ayse@example.com","variables":{"total":"1"},"class":"transactional"}"#;
        let peers = r#"{"type":"receipt","to":"ayse@example.com","variables":{"total":"1"}}"#;
        let broken = r#"{"type":"verification","to":"ayse@example.com","variables":{},"class":"transactional"}"#;

        let unknown = read(ours).unwrap();
        assert!(matches!(unknown, MailRequest::Unknown(_)) && unknown.key() == "ayse@example.com", "{unknown:?}");
        assert_eq!(serde_json::to_value(&unknown).unwrap(), serde_json::from_str::<Value>(ours).unwrap());
        assert!(read(peers).unwrap_err().to_string().contains("receipt"));
        assert!(read(broken).is_err());
        assert!(read("[]").is_err());
    }
}
