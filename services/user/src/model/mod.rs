//! Who a user is, as rules that need neither store nor clock.

mod audience;
mod born_date;
mod campaign;
mod chunk_size;
mod consent;
mod consent_registry;
mod favorite;
mod gender;
mod mail_pace;
mod preferences;
mod profile;

pub(crate) use audience::{ALL_CHANGED, AudienceChange, changes_needed, counted_out};
pub(crate) use born_date::BornDate;
pub use campaign::{CampaignReason, CampaignState};
pub(crate) use campaign::{CampaignText, ServerAnswers};
pub(crate) use chunk_size::ChunkSize;
pub(crate) use consent::{ConsentChannel, ConsentOrigin, ConsentRequest, ConsentStatus};
pub(crate) use consent_registry::RegistryState;
pub(crate) use favorite::{FavoriteKind, FavoriteName, Subject};
pub(crate) use gender::Gender;
pub(crate) use mail_pace::MailPace;
pub(crate) use preferences::{
    CommercialMail, CommercialMailAnswer, Preferences, PreferencesChange, SavedPreferences, TextVersion,
};
pub(crate) use profile::{FullName, ProfileChange, ProfileDetails};
