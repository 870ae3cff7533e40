//! What can go wrong here, and what a client sees of it.

use axum::http::StatusCode;
use bus::HearError;
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
    /// A request names another user than the one who sends it.
    #[error("the request names another user")]
    OtherUser,
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
        let problem = |status, code, tr, en| Self::new(status, code, Text::new(tr, en));
        match error {
            UserError::NoProfile => {
                problem(StatusCode::NOT_FOUND, "USER_NOT_FOUND", "Kullanıcı bulunamadı.", "User not found")
            }
            UserError::ProfileExists => problem(
                StatusCode::BAD_REQUEST,
                "USER_ALREADY_EXISTS",
                "Profil zaten tamamlanmış.",
                "User already exists",
            ),
            UserError::NotPending => problem(
                StatusCode::FORBIDDEN,
                "REGISTRATION_EXPIRED",
                "Kayıt geçersiz ya da süresi dolmuş.",
                "Registration expired or invalid",
            ),
            UserError::BornInFuture => Self::invalid(vec![Fault::new(
                "born_date",
                "DATE_NOT_PAST",
                Text::new("Doğum tarihi geçmişte olmalıdır.", "The day of birth must be in the past."),
            )]),
            UserError::OtherUser => problem(
                StatusCode::FORBIDDEN,
                "OTHER_USER",
                "Yalnızca kendi bilgilerinizle işlem yapabilirsiniz.",
                "You can only work on what is your own.",
            ),
            UserError::TooManyFavorites => problem(
                StatusCode::CONFLICT,
                "TOO_MANY_FAVORITES",
                "Favori listeniz dolu; önce birini çıkarın.",
                "Your list of favourites is full; remove one first.",
            ),
            UserError::Database(error) => error.into(),
            UserError::Ephemeral(error) => error.into(),
        }
    }
}

/// An event has no client; what matters is who tries again.
impl From<UserError> for HearError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Database(error) => Self::Database(error),
            UserError::Ephemeral(_)
            | UserError::NoProfile
            | UserError::ProfileExists
            | UserError::NotPending
            | UserError::BornInFuture
            | UserError::OtherUser
            | UserError::TooManyFavorites => Self::Failed(error.into()),
        }
    }
}
