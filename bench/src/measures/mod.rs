//! One file for each promise about speed.

pub(crate) mod delivery;
pub(crate) mod idle;
pub(crate) mod mail;
pub(crate) mod passwords;
pub(crate) mod refresh;
pub(crate) mod revocation;
pub(crate) mod start;
pub(crate) mod storm;
pub(crate) mod token_check;
