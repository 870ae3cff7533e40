//! What can go wrong here, and what a client sees of it.

use database::DatabaseError;
use ephemeral::EphemeralError;
use kit::{Fault, Problem, Text};

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UserError {
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
            UserError::Database(error) => error.into(),
            UserError::Ephemeral(error) => error.into(),
        }
    }
}
