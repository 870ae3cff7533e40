//! The rules of mail, without a database or a network: letters and their words, messages, and what a try leads to.

mod asked;
pub(crate) mod delivery;
pub(crate) mod idempotency;
pub(crate) mod letter;
mod links;
pub(crate) mod mail;
pub(crate) mod message;
pub(crate) mod probation;
pub(crate) mod throttle;
mod unsubscribe;
pub(crate) mod verdict;
mod words;

#[cfg(test)]
mod mail_tests;
#[cfg(test)]
mod message_tests;

pub(crate) use idempotency::FingerprintKey;
pub use links::Links;
pub(crate) use unsubscribe::UnsubscribeKey;
