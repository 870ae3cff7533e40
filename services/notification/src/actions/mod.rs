//! What this service can do: one function for each ability, which owns its transaction.

mod bring_forward;
mod claim_mail;
mod conclude_mail;
mod end_claims;
mod health;
mod mailbox;
mod record_mail;
mod request_mail;
mod seal;
mod test_mail;
mod trim;
mod unsubscribe;

pub(crate) use bring_forward::*;
pub(crate) use claim_mail::*;
pub(crate) use conclude_mail::*;
pub(crate) use end_claims::*;
pub(crate) use health::*;
pub(crate) use mailbox::*;
pub(crate) use record_mail::*;
pub(crate) use request_mail::*;
pub use test_mail::*;
pub(crate) use trim::*;
pub(crate) use unsubscribe::*;
