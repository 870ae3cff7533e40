//! What this service can do: one function for each ability, which owns its transaction.

mod claim_mail;
mod conclude_mail;
mod health;
mod mailbox;
mod record_mail;
mod request_mail;
mod seal;
mod tidy;
mod unsubscribe;

pub(crate) use claim_mail::{ClaimedMail, claim_mail, hand_off_mail};
pub(crate) use conclude_mail::{Outcome, conclude_mail};
pub(crate) use health::check_health;
pub(crate) use mailbox::{StoredMessage, deliver_to_mailbox, list_messages, read_message};
pub(crate) use record_mail::record_mail;
pub(crate) use request_mail::request_mail;
pub(crate) use tidy::{end_claims_of, recover, tidy};
pub(crate) use unsubscribe::{find_subscriber, unsubscribe};
