//! The rules of mail, without a database or a network: mail messages and their wording, messages, and what a try leads to.

mod asked;
pub(crate) mod consent;
pub(crate) mod delivery;
mod dkim;
pub(crate) mod domains;
pub(crate) mod hours;
mod identity;
mod links;
pub(crate) mod mail;
pub(crate) mod mail_message;
pub(crate) mod mail_request;
pub(crate) mod message;
mod order_facts;
pub(crate) mod probation;
pub(crate) mod throttle;
mod unsubscribe;
pub(crate) mod verdict;
pub(crate) mod wording;

#[cfg(test)]
mod dkim_tests;
#[cfg(test)]
mod mail_tests;
#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod order_mail_tests;

pub use dkim::{DkimKey, InvalidDkimKey};
pub use identity::SenderIdentity;
pub use links::Links;
pub(crate) use unsubscribe::UnsubscribeKey;
