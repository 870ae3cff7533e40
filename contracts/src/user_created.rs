//! A mailbox was proven, so there is a new user.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{EmailAddress, Event, Locale, UserId};

/// A new user exists. Peers of the first platform send the id alone, so the rest may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct UserCreated {
    /// The user.
    pub user_id: UserId,
    /// The proven mailbox.
    pub email: Option<EmailAddress>,
    /// The language chosen at registration.
    pub locale: Option<Locale>,
    /// When the mailbox was proven.
    pub created_at: Option<DateTime<Utc>>,
}

impl Event for UserCreated {
    const TOPIC: &'static str = "user_created";
    const TYPE: &'static str = "lezzetlimani.user.created.v1";
    const EXAMPLES: &'static [&'static str] = &[
        r#"{"id":"018f0000-0000-7000-8000-000000000001"}"#,
        r#"{"user_id":"018f0000-0000-7000-8000-000000000001"}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","user_id":"018f0000-0000-7000-8000-000000000001","email":"ayse@example.com","locale":"tr","created_at":"2026-01-01T00:00:00Z"}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","user_id":"018f0000-0000-7000-8000-000000000001","something_new":{"a":[1]}}"#,
    ];

    fn key(&self) -> String {
        self.user_id.to_string()
    }
}

/// The value on the wire: `id` is what the first platform's auth wrote, `user_id` what its user service read.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UserCreated")]
struct Wire {
    id: Option<UserId>,
    user_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<DateTime<Utc>>,
}

/// Why a value on the wire names no user.
#[derive(Debug, thiserror::Error)]
enum NamesNoUser {
    #[error("neither id nor user_id is given")]
    Missing,
    #[error("id and user_id differ")]
    Different,
}

impl TryFrom<Wire> for UserCreated {
    type Error = NamesNoUser;

    fn try_from(wire: Wire) -> Result<Self, NamesNoUser> {
        let user_id = match (wire.id, wire.user_id) {
            (Some(id), Some(user_id)) if id != user_id => return Err(NamesNoUser::Different),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => return Err(NamesNoUser::Missing),
        };
        Ok(Self { user_id, email: wire.email, locale: wire.locale, created_at: wire.created_at })
    }
}

impl From<UserCreated> for Wire {
    fn from(event: UserCreated) -> Self {
        let UserCreated { user_id, email, locale, created_at } = event;
        Self { id: Some(user_id), user_id: Some(user_id), email, locale, created_at }
    }
}

impl JsonSchema for UserCreated {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Wire::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Wire::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f0000-0000-7000-8000-000000000001";

    #[test]
    fn either_spelling_of_the_id_is_understood() {
        let by_id: UserCreated = serde_json::from_str(&format!(r#"{{"id":"{ID}"}}"#)).unwrap();
        let by_user_id: UserCreated = serde_json::from_str(&format!(r#"{{"user_id":"{ID}"}}"#)).unwrap();

        assert_eq!(by_id, by_user_id);
        assert_eq!(by_id.user_id.to_string(), ID);
    }

    #[test]
    fn both_spellings_are_written_first_and_in_order() {
        let event = UserCreated {
            user_id: ID.parse().unwrap(),
            email: Some("ayse@example.com".parse().unwrap()),
            locale: Some(Locale::Tr),
            created_at: DateTime::from_timestamp(1_700_000_000, 0),
        };

        let written = serde_json::to_string(&event).unwrap();

        assert_eq!(
            written,
            format!(
                r#"{{"id":"{ID}","user_id":"{ID}","email":"ayse@example.com","locale":"tr","created_at":"2023-11-14T22:13:20Z"}}"#
            )
        );
    }

    #[test]
    fn an_event_without_a_user_is_refused() {
        assert!(serde_json::from_str::<UserCreated>("{}").is_err());
        assert!(serde_json::from_str::<UserCreated>(r#"{"id":"17"}"#).is_err());
    }
}
