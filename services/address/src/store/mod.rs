//! What address keeps: tables of its own in the database. One function for each question or change: mostly one query, never a
//! decision.

pub(crate) mod address;
pub(crate) mod first_platform;
pub(crate) mod imported;
pub(crate) mod stale;
