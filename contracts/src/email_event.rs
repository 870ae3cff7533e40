//! Somebody is to get a mail.

use std::time::Duration;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::mail_message::{EXAMPLES, MailClass, MailMessage};
use crate::{EmailAddress, Event, InvalidEmailAddress, Locale};

/// How long the link in a [`MailMessage::Verification`] works.
pub const VERIFICATION_LINK_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// How long the link in a [`MailMessage::PasswordReset`] works.
pub const RESET_LINK_TTL: Duration = Duration::from_secs(15 * 60);

/// A request for one mail to one mailbox.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Wire")]
pub struct EmailEvent {
    /// Who gets it.
    pub to: EmailAddress,
    /// In which language; the platform's own when a peer does not say.
    pub locale: Locale,
    /// What it says.
    pub message: MailMessage,
}

impl Event for EmailEvent {
    const TOPIC: &'static str = "email_event";
    const TYPE: &'static str = "lezzetlimani.email.requested.v1";
    const SECRET: bool = true;
    const EXAMPLES: &'static [&'static str] = EXAMPLES;

    fn key(&self) -> String {
        self.to.to_string()
    }
}

/// The value on the wire, with the first platform's fields first.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EmailEvent", bound = "V: JsonSchema + Serialize + Default")]
struct Wire<V = Map<String, Value>> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "recipient")]
    to: EmailAddress,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    template: String,
    #[serde(default)]
    variables: V,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<MailClass>,
}

/// Peers may know addresses that no mail of ours can reach; whoever reads the refusal is told what helps.
fn recipient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EmailAddress, D::Error> {
    let unreachable = |error: InvalidEmailAddress| {
        D::Error::custom(format!(
            "its recipient can't get mail ({error}): correct the address where it came from and discard this event"
        ))
    };
    String::deserialize(deserializer)?.parse().map_err(unreachable)
}

impl TryFrom<Wire> for EmailEvent {
    type Error = serde_json::Error;

    fn try_from(wire: Wire) -> Result<Self, serde_json::Error> {
        let message = serde_json::from_value(serde_json::json!({ "type": wire.kind, "variables": wire.variables }))?;
        Ok(Self { to: wire.to, locale: wire.locale.unwrap_or_default(), message })
    }
}

impl Serialize for EmailEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { to, locale, message } = self;
        let wire = Wire {
            kind: message.kind().to_owned(),
            to: to.clone(),
            subject: message.wire_subject().to_owned(),
            template: message.kind().to_owned(),
            variables: message.variables(),
            locale: Some(*locale),
            class: Some(message.class()),
        };
        wire.serialize(serializer)
    }
}

impl JsonSchema for EmailEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Wire>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Wire>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Asked, Offer, Secret};

    #[test]
    fn a_message_of_the_first_platform_is_understood() {
        let value = r#"{"type":"verification","to":"a@example.com","subject":"Verification Email","template":"verification","variables":{"token":"t"}}"#;

        let event: EmailEvent = serde_json::from_str(value).unwrap();

        let message = MailMessage::Verification { token: Secret::new("t"), asked: Asked::default() };
        assert_eq!(event, EmailEvent { to: "a@example.com".parse().unwrap(), locale: Locale::Tr, message });
    }

    #[test]
    fn a_code_is_a_token() {
        let value = r#"{"type":"password_reset","to":"a@example.com","variables":{"code":"t"}}"#;

        let event: EmailEvent = serde_json::from_str(value).unwrap();

        assert!(matches!(event.message, MailMessage::PasswordReset { token, .. } if token.expose() == "t"));
    }

    #[test]
    fn the_first_platforms_fields_come_first_and_unchanged() {
        let asked = Asked { asked_from: Some("203.0.113.0/24".to_owned()), ..Asked::default() };
        let link = MailMessage::Verification { token: Secret::new("t"), asked };
        let discount =
            MailMessage::Discount { title: "t".to_owned(), description: "d".to_owned(), offer: Offer::default() };
        let written = |message| {
            let to = "a@example.com".parse().unwrap();
            serde_json::to_string(&EmailEvent { to, locale: Locale::En, message }).unwrap()
        };

        assert_eq!(
            written(link),
            r#"{"type":"verification","to":"a@example.com","subject":"Verification Email","template":"verification","variables":{"token":"t","asked_from":"203.0.113.0/24"},"locale":"en","class":"transactional"}"#
        );
        assert_eq!(
            written(discount),
            r#"{"type":"discount","to":"a@example.com","subject":"t","template":"discount","variables":{"title":"t","description":"d"},"locale":"en","class":"commercial"}"#
        );
    }

    #[test]
    fn an_unknown_type_and_a_missing_variable_are_refused() {
        for value in [
            r#"{"type":"horoscope","to":"a@example.com","variables":{}}"#,
            r#"{"type":"verification","to":"a@example.com","variables":{}}"#,
            r#"{"type":"discount","to":"all","variables":{"title":"t","description":"d"}}"#,
        ] {
            assert!(serde_json::from_str::<EmailEvent>(value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_recipient_that_no_mail_can_reach_is_refused_with_what_helps_and_unrepeated() {
        for to in ["çağrı@example.com", "a+b&c<d@example.com"] {
            let value = serde_json::json!({ "type": "already_registered", "to": to, "variables": {} }).to_string();

            let refused = serde_json::from_str::<EmailEvent>(&value).unwrap_err().to_string();

            assert!(refused.contains("correct the address where it came from and discard this event"), "{refused}");
            assert!(!refused.contains(to), "{refused}");
        }
    }
}
