//! What user keeps: tables of its own in the database, and a key in the ephemeral store. One function for each
//! question or change: mostly one query, never a decision.

pub(crate) mod account;
pub(crate) mod favorite;
pub(crate) mod first_platform;
pub(crate) mod pending_user;
pub(crate) mod preferences;
pub(crate) mod profile;
