//! What the service can do: one function per ability, each with a transaction of its own. Those that only events call are called
//! by their file.

pub(crate) mod account;
mod audiences;
mod campaign_report;
pub mod campaigns;
pub(crate) mod consent;
mod expand;
mod favorites;
mod import_first_platform;
mod preferences;
mod profile;
pub(crate) mod restaurants;
mod trim;

pub(crate) use audiences::{AUDIENCE_INTERVAL, count_audiences};
#[cfg(test)]
pub(crate) use expand::expand_chunk;
pub(crate) use expand::{EXPAND_INTERVAL, expand_campaigns};
pub(crate) use favorites::{
    add_favorite, follows_restaurant, list_favorites, list_restaurants, remove_favorite, unfollow,
};
pub use import_first_platform::import_first_platform;
pub(crate) use preferences::{find_preferences, update_preferences};
pub(crate) use profile::{complete_registration, find_profile, update_profile};
pub(crate) use trim::{TRIM_INTERVAL, trim};
