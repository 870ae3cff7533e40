//! The rules of identity, pure: what a password is, which refresh token is still good, what a cookie proves.
//!
//! Time and randomness are given; nothing here knows HTTP, a database or a store. The one module with threads of its own is
//! [`hashing`], because a password hash is work for a core and not a rule.

pub(crate) mod access_token;
pub(crate) mod address_digest;
pub(crate) mod device;
pub(crate) mod hashing;
pub(crate) mod limits;
pub(crate) mod mail_request;
pub(crate) mod one_time_token;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod refresh_token;
pub(crate) mod registration;
pub(crate) mod rotation;
pub(crate) mod security_event;
pub(crate) mod signing_key;
pub(crate) mod windows;
