//! What can go wrong here, and what a client sees of it.

use database::DatabaseError;
use ephemeral::EphemeralError;
use kit::{Fault, Problem, Text, TooManyWrites};

use crate::model::CampaignState;

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The user has not completed a profile yet.
    #[error("the user has no profile")]
    NoProfile,
    /// The user completed the profile before.
    #[error("the user has a profile already")]
    ProfileExists,
    /// Neither auth's event nor its key vouches for the user.
    #[error("nobody vouches for the user")]
    NotPending,
    /// Nobody is born today or later.
    #[error("the day of birth is not past")]
    BornInFuture,
    /// A list of favourites has an end.
    #[error("the list of favourites is full")]
    TooManyFavorites,
    /// There is no such campaign.
    #[error("there is no such campaign")]
    UnknownCampaign,
    /// The campaign is where that can't be done to it.
    #[error("the campaign is {}, where that can't be done", .0.as_str())]
    CampaignStands(CampaignState),
    /// The user has agreed to commercial mail often enough today.
    #[error(transparent)]
    TooManyWrites(#[from] TooManyWrites),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The ephemeral store failed.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NoProfile => Self::not_found("USER_NOT_FOUND", "Kullanıcı bulunamadı.", "User not found"),
            UserError::ProfileExists => {
                Self::bad_request("USER_ALREADY_EXISTS", "Profil zaten tamamlanmış.", "User already exists")
            }
            UserError::NotPending => Self::forbidden(
                "REGISTRATION_EXPIRED",
                "Kayıt geçersiz ya da süresi dolmuş.",
                "Registration expired or invalid",
            ),
            UserError::BornInFuture => Self::invalid(vec![Fault::new(
                "born_date",
                "DATE_NOT_PAST",
                Text::new("Doğum tarihi geçmişte olmalıdır.", "The day of birth must be in the past."),
            )]),
            UserError::TooManyFavorites => Self::conflict(
                "TOO_MANY_FAVORITES",
                "Favori listeniz dolu; önce birini çıkarın.",
                "Your list of favourites is full; remove one first.",
            ),
            UserError::UnknownCampaign => {
                Self::not_found("CAMPAIGN_NOT_FOUND", "Kampanya bulunamadı.", "There is no such campaign.")
            }
            UserError::CampaignStands(_) => Self::conflict(
                "CAMPAIGN_STATE",
                "Kampanya şu anda buna uygun değil.",
                "The campaign is not where that can be done.",
            ),
            UserError::TooManyWrites(error) => error.into(),
            UserError::Database(error) => error.into(),
            UserError::Ephemeral(error) => error.into(),
        }
    }
}
