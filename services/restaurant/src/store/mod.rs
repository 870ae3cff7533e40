//! What restaurant keeps: tables of its own in the database. One function for each question or change: mostly one query, never a
//! decision.

pub(crate) mod address;
pub(crate) mod cuisine;
pub(crate) mod restaurant;
