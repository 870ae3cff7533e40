//! What a mail says: its types, and what the one who wants it sent has to give for each.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumDiscriminants, EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

use crate::{Offer, OrderUpdate, Secret};

/// What a mail says: its type on the wire, with the variables that the type needs.
#[derive(Debug, Clone, PartialEq, Deserialize, EnumDiscriminants)]
#[serde(tag = "type", content = "variables", rename_all = "snake_case")]
#[strum_discriminants(
    name(MailKind),
    derive(EnumIter, EnumString, IntoStaticStr),
    strum(serialize_all = "snake_case"),
    doc = "The type of a mail. Those of the first platform come first."
)]
pub enum MailMessage {
    /// Proves a mailbox.
    Verification {
        /// Goes into the link.
        #[serde(alias = "code")]
        token: Secret,
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// Lets the owner choose a new password.
    PasswordReset {
        /// Goes into the link.
        #[serde(alias = "code")]
        token: Secret,
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// A campaign of a restaurant; commercial.
    Discount {
        /// Becomes the subject.
        title: String,
        /// Becomes the text.
        description: String,
        /// What it belongs to, as far as known.
        #[serde(flatten)]
        offer: Offer,
    },
    /// Somebody registered an address that has an account.
    AlreadyRegistered {
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// The password was changed or reset.
    PasswordChanged {
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// A refresh token was used twice, so its session was ended.
    SessionRevoked {
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// A sign-in from a device that was not seen before.
    NewDevice {
        /// The request that caused it, as far as known.
        #[serde(flatten)]
        asked: Asked,
    },
    /// What has become of an order.
    OrderUpdate(OrderUpdate),
}

/// Events as they have stood on the wire, one or more for each type. Each is understood for ever: add some, never change or
/// remove one.
pub(crate) const EXAMPLES: &[&str] = &[
    r#"{"type":"verification","to":"ayse@example.com","subject":"Verification Email","template":"verification","variables":{"token":"t"}}"#,
    r#"{"type":"password_reset","to":"ayse@example.com","subject":"Password Reset","template":"password_reset","variables":{"token":"t"}}"#,
    r#"{"type":"verification","to":"ayse@example.com","variables":{"code":"t"}}"#,
    r#"{"type":"discount","to":"ayse@example.com","subject":"Yeni İndirim!","template":"discount","variables":{"title":"Yaz indirimi","description":"Her şey yarı fiyatına"}}"#,
    r#"{"type":"verification","to":"ayse@example.com","subject":"Verification Email","template":"verification","variables":{"token":"t","asked_at":"2026-01-01T00:00:00Z","asked_from":"203.0.113.0/24","asked_with":"Firefox"},"locale":"en","class":"transactional"}"#,
    r#"{"type":"discount","to":"ayse@example.com","subject":"Yaz indirimi","template":"discount","variables":{"title":"Yaz indirimi","description":"Her şey yarı fiyatına","campaign_id":"018f0000-0000-7000-8000-000000000001","restaurant_id":"018f0000-0000-7000-8000-000000000002","restaurant":"Çıpa Kebap","code":"YAZ50","ends_at":"2026-09-01T00:00:00Z","consent_at":"2026-01-01T12:00:00Z"},"locale":"tr","class":"commercial"}"#,
    r#"{"type":"already_registered","to":"ayse@example.com","subject":"Already Registered","template":"already_registered","variables":{},"locale":"tr","class":"transactional"}"#,
    r#"{"type":"password_changed","to":"ayse@example.com","subject":"Password Changed","template":"password_changed","variables":{"asked_at":"2026-01-01T00:00:00Z"},"locale":"tr","class":"transactional"}"#,
    r#"{"type":"session_revoked","to":"ayse@example.com","subject":"Session Revoked","template":"session_revoked","variables":{},"locale":"tr","class":"transactional"}"#,
    r#"{"type":"new_device","to":"ayse@example.com","subject":"New Device","template":"new_device","variables":{"asked_from":"203.0.113.0/24"},"locale":"tr","class":"transactional"}"#,
    r#"{"type":"order_update","to":"ayse@example.com","subject":"Order Update","template":"order_update","variables":{"order_id":"018f0000-0000-7000-8000-000000000001","change":"placed","code":"7QF2","restaurant":"Çıpa Kebap","total":"84.85","target_at":"2026-01-01T12:40:00Z"},"locale":"tr","class":"transactional"}"#,
    r#"{"type":"order_update","to":"ayse@example.com","subject":"Order Update","template":"order_update","variables":{"order_id":"018f0000-0000-7000-8000-000000000001","change":"rejected","code":"7QF2","restaurant":"Çıpa Kebap","total":"84.85","target_at":"2026-01-01T12:40:00Z","reason":"other","reason_text":"Fırın bozuldu"},"locale":"tr","class":"transactional"}"#,
];

/// When, from where and with what a mail was caused, so that its reader can tell their own request from a stranger's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Asked {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<DateTime<Utc>>,
    /// From which network, shortened as in the security events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_from: Option<String>,
    /// With which device, as its browser names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_with: Option<String>,
}

/// A text that messages of some type need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailVariable {
    /// Its name on the wire.
    pub name: &'static str,
    /// What may stand in it.
    pub form: TextForm,
}

/// What may stand in a text, none of which is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextForm {
    /// One line.
    Line {
        /// Characters at most.
        longest: usize,
    },
    /// Lines, each a paragraph.
    Paragraphs {
        /// Characters at most.
        longest: usize,
    },
}

/// Where the button of a mail leads.
#[derive(Debug, Clone, Copy)]
pub enum MailLink<'a> {
    /// To the page on which a mailbox is proven.
    VerifyEmail(&'a Secret),
    /// To the page on which a new password is chosen.
    ResetPassword(&'a Secret),
}

/// Whether the law wants consent before a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailClass {
    /// Part of a service that its reader uses.
    Transactional,
    /// Advertising: needs consent, offers to unsubscribe.
    Commercial,
}

/// The variables of a message in the order of the wire, which a map would not keep.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Variables<'a> {
    Link {
        token: &'a Secret,
        #[serde(flatten)]
        asked: &'a Asked,
    },
    Notice(&'a Asked),
    Order(&'a OrderUpdate),
    Discount {
        title: &'a str,
        description: &'a str,
        #[serde(flatten)]
        offer: &'a Offer,
    },
}

const TOKEN: MailVariable = MailVariable { name: "token", form: TextForm::Line { longest: 512 } };
const TITLE: MailVariable = MailVariable { name: "title", form: TextForm::Line { longest: 200 } };
const ORDER_ID: MailVariable = MailVariable { name: "order_id", form: TextForm::Line { longest: 36 } };
const CHANGE: MailVariable = MailVariable { name: "change", form: TextForm::Line { longest: 20 } };
const CODE: MailVariable = MailVariable { name: "code", form: TextForm::Line { longest: 8 } };
const RESTAURANT: MailVariable = MailVariable { name: "restaurant", form: TextForm::Line { longest: 128 } };
const TOTAL: MailVariable = MailVariable { name: "total", form: TextForm::Line { longest: 16 } };
const DESCRIPTION: MailVariable = MailVariable { name: "description", form: TextForm::Paragraphs { longest: 5000 } };

impl MailKind {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The type of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name).ok()
    }

    /// What a message of it can't do without.
    #[must_use]
    pub fn variables(self) -> &'static [MailVariable] {
        match self {
            Self::Verification | Self::PasswordReset => &[TOKEN],
            Self::Discount => &[TITLE, DESCRIPTION],
            Self::AlreadyRegistered | Self::PasswordChanged | Self::SessionRevoked | Self::NewDevice => &[],
            Self::OrderUpdate => &[ORDER_ID, CHANGE, CODE, RESTAURANT, TOTAL],
        }
    }

    /// Whether a reader of such mails must have consented.
    #[must_use]
    pub fn class(self) -> MailClass {
        match self {
            Self::Discount => MailClass::Commercial,
            Self::Verification
            | Self::PasswordReset
            | Self::AlreadyRegistered
            | Self::PasswordChanged
            | Self::SessionRevoked
            | Self::NewDevice
            | Self::OrderUpdate => MailClass::Transactional,
        }
    }
}

impl MailMessage {
    /// The type on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        MailKind::from(self).as_str()
    }

    /// Whether its reader must have consented.
    #[must_use]
    pub fn class(&self) -> MailClass {
        MailKind::from(self).class()
    }

    /// The subject that the first platform puts on the wire; no consumer shows it.
    #[must_use]
    pub fn wire_subject(&self) -> &str {
        match self {
            Self::Verification { .. } => "Verification Email",
            Self::PasswordReset { .. } => "Password Reset",
            Self::Discount { title, .. } => title,
            Self::AlreadyRegistered { .. } => "Already Registered",
            Self::PasswordChanged { .. } => "Password Changed",
            Self::SessionRevoked { .. } => "Session Revoked",
            Self::NewDevice { .. } => "New Device",
            Self::OrderUpdate(_) => "Order Update",
        }
    }

    /// Where its button leads, if it has one.
    #[must_use]
    pub fn link(&self) -> Option<MailLink<'_>> {
        match self {
            Self::Verification { token, .. } => Some(MailLink::VerifyEmail(token)),
            Self::PasswordReset { token, .. } => Some(MailLink::ResetPassword(token)),
            Self::Discount { .. }
            | Self::AlreadyRegistered { .. }
            | Self::PasswordChanged { .. }
            | Self::SessionRevoked { .. }
            | Self::NewDevice { .. }
            | Self::OrderUpdate(_) => None,
        }
    }

    /// What its link proves, if it has one.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        self.link().map(|link| match link {
            MailLink::VerifyEmail(token) | MailLink::ResetPassword(token) => token,
        })
    }

    /// The request that caused it, where its reader is to see that.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        match self.variables() {
            Variables::Link { asked, .. } | Variables::Notice(asked) => Some(asked),
            Variables::Order(_) | Variables::Discount { .. } => None,
        }
    }

    /// The order that it is about.
    #[must_use]
    pub fn order(&self) -> Option<&OrderUpdate> {
        match self {
            Self::OrderUpdate(order) => Some(order),
            Self::Verification { .. }
            | Self::PasswordReset { .. }
            | Self::Discount { .. }
            | Self::AlreadyRegistered { .. }
            | Self::PasswordChanged { .. }
            | Self::SessionRevoked { .. }
            | Self::NewDevice { .. } => None,
        }
    }

    /// The campaign that it is part of.
    #[must_use]
    pub fn offer(&self) -> Option<&Offer> {
        match self {
            Self::Discount { offer, .. } => Some(offer),
            Self::OrderUpdate(_)
            | Self::Verification { .. }
            | Self::PasswordReset { .. }
            | Self::AlreadyRegistered { .. }
            | Self::PasswordChanged { .. }
            | Self::SessionRevoked { .. }
            | Self::NewDevice { .. } => None,
        }
    }

    /// The texts that stand for the variables of its type, in their order.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self.variables() {
            Variables::Link { token, .. } => vec![token.expose()],
            Variables::Notice(_) => Vec::new(),
            Variables::Order(OrderUpdate { order_id, change, code, restaurant, total, .. }) => {
                vec![order_id, change.as_str(), code, restaurant, total]
            }
            Variables::Discount { title, description, .. } => vec![title, description],
        }
    }

    pub(crate) fn variables(&self) -> Variables<'_> {
        match self {
            Self::Verification { token, asked } | Self::PasswordReset { token, asked } => {
                Variables::Link { token, asked }
            }
            Self::Discount { title, description, offer } => Variables::Discount { title, description, offer },
            Self::AlreadyRegistered { asked }
            | Self::PasswordChanged { asked }
            | Self::SessionRevoked { asked }
            | Self::NewDevice { asked } => Variables::Notice(asked),
            Self::OrderUpdate(order) => Variables::Order(order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EmailEvent;

    fn examples() -> impl Iterator<Item = EmailEvent> {
        EXAMPLES.iter().map(|example| serde_json::from_str(example).unwrap())
    }

    #[test]
    fn every_type_has_an_example_whose_texts_are_what_the_type_needs() {
        for kind in MailKind::all() {
            let of_kind: Vec<_> = examples().filter(|event| MailKind::from(&event.message) == kind).collect();

            assert!(!of_kind.is_empty(), "{} has no example", kind.as_str());
            for EmailEvent { message, .. } in of_kind {
                let written = serde_json::to_value(message.variables()).unwrap();
                let named: Vec<_> = kind.variables().iter().map(|variable| written[variable.name].as_str()).collect();
                assert_eq!(named, message.texts().into_iter().map(Some).collect::<Vec<_>>(), "{}", kind.as_str());
                let of_order = ["target_at", "reason", "reason_text"];
                let of_offer = ["campaign_id", "restaurant_id", "restaurant", "code", "ends_at", "consent_at"];
                let optional: &[&str] = match kind {
                    MailKind::OrderUpdate => &of_order,
                    MailKind::Discount => &of_offer,
                    MailKind::Verification
                    | MailKind::PasswordReset
                    | MailKind::AlreadyRegistered
                    | MailKind::PasswordChanged
                    | MailKind::SessionRevoked
                    | MailKind::NewDevice => &["asked_at", "asked_from", "asked_with"],
                };
                let is_optional = |name: &str| optional.contains(&name);
                let others = written.as_object().unwrap().keys().filter(|name| !is_optional(name));
                assert_eq!(others.count(), named.len(), "{} has a variable that its type does not name", kind.as_str());
            }
        }
    }

    #[test]
    fn a_type_has_one_name() {
        for kind in MailKind::all() {
            assert_eq!(MailKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(MailKind::named("horoscope"), None);
    }
}
