//! Who a user is, as rules that need neither store nor clock.

mod born_date;
mod favorite;
mod gender;
mod preferences;
mod profile;

pub(crate) use born_date::BornDate;
pub(crate) use favorite::{FavoriteKind, FavoriteName};
pub(crate) use gender::Gender;
pub(crate) use preferences::{
    CommercialMail, CommercialMailAnswer, Preferences, PreferencesChange, SavedPreferences, TextVersion,
};
pub(crate) use profile::{FullName, ProfileChange, ProfileDetails};
