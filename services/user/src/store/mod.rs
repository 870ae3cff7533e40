//! What user keeps: tables of its own in the database, and a key in the ephemeral store. One function for each
//! question or change: mostly one query, never a decision.

pub(crate) mod account;
pub(crate) mod audience;
pub(crate) mod audience_mark;
pub(crate) mod campaign;
pub(crate) mod campaign_mail;
pub(crate) mod campaign_pace;
pub(crate) mod consent;
pub(crate) mod favorite;
pub(crate) mod first_platform;
pub(crate) mod follower;
pub(crate) mod pending_user;
pub(crate) mod preferences;
pub(crate) mod profile;
pub(crate) mod restaurant;
