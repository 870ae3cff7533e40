//! What auth keeps: tables of its own in the database, and keys in the ephemeral store. One function for each
//! question or change: mostly one query, never a decision.

pub(crate) mod account;
pub(crate) mod feed_epoch;
pub(crate) mod first_platform;
pub(crate) mod limits;
pub(crate) mod mail_request;
pub(crate) mod pending_user;
pub(crate) mod published_keys;
pub(crate) mod refresh_state;
pub(crate) mod registration;
pub(crate) mod reset;
pub(crate) mod revoked_token;
pub(crate) mod role_version;
pub(crate) mod security_event;
pub(crate) mod session;
pub(crate) mod signing_key;
pub(crate) mod unrecorded_account;
pub(crate) mod used_token;

#[cfg(test)]
mod tests;

use clock::Timestamp;
use uuid::Uuid;

/// Ids are made in order of time, so what is older than `instant` has a smaller id than this.
pub(crate) fn first_id(instant: Timestamp) -> Uuid {
    let milliseconds = u64::try_from(instant.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
}
