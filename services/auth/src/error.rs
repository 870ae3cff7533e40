//! What can go wrong in auth, and the one place where that becomes an answer.

use std::time::Duration;

use axum::http::StatusCode;
use database::DatabaseError;
use ephemeral::EphemeralError;
use kit::{Fault, Problem, Text};

use crate::model::hashing::Busy;
use crate::store::limits::NoRoom;

/// Why an action was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The token of a mail is unknown, used, superseded or too old.
    #[error("the token is invalid or expired")]
    InvalidToken,
    /// The address and the password don't open an account; which of them is wrong stays untold.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The present password was not the one given.
    #[error("the current password is wrong")]
    InvalidPassword,
    /// The refresh token is not ours, or its session is over.
    #[error("the refresh token is invalid or its session has ended")]
    InvalidRefreshToken,
    /// A field is wrong beside what is stored.
    #[error("a field is not valid: {0:?}")]
    Unfit(Fault),
    /// No session of the caller has this id.
    #[error("there is no such session")]
    UnknownSession,
    /// No account has this address or id.
    #[error("there is no such account")]
    UnknownAccount,
    /// The address belongs to somebody who proved it.
    #[error("the address belongs to an account that no demo made")]
    AddressTaken,
    /// There are no signing keys: tokens are signed with a shared secret, or the platform was never started.
    #[error("there are no signing keys: tokens are signed with a shared secret, or the platform was never started")]
    NoSigningKeys,
    /// The next signing key is not known to every process, and none that runs publishes it.
    #[error("the next key is not published yet, and only a running platform does that")]
    NextKeyNotPublished,
    /// Too many attempts.
    #[error("too many attempts")]
    RateLimited {
        /// How long until another one fits.
        retry_after: Duration,
    },
    /// Too many passwords wait to be hashed.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The ephemeral store failed.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// A fault of ours.
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<Busy> for AuthError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<NoRoom> for AuthError {
    fn from(no_room: NoRoom) -> Self {
        match no_room {
            NoRoom::Full { retry_after } => Self::RateLimited { retry_after },
            NoRoom::Ephemeral(error) => Self::Ephemeral(error),
        }
    }
}

const INVALID_TOKEN: Text = Text::new("Bağlantı geçersiz ya da süresi dolmuş.", "The link is invalid or has expired.");
const INVALID_CREDENTIALS: Text =
    Text::new("E-posta adresi ya da parola yanlış.", "The e-mail address or the password is wrong.");
const INVALID_PASSWORD: Text = Text::new("Şimdiki parola yanlış.", "The current password is wrong.");
const INVALID_REFRESH_TOKEN: Text =
    Text::new("Oturum sona erdi, lütfen yeniden giriş yapın.", "The session has ended, please sign in again.");
const UNKNOWN_SESSION: Text = Text::new("Böyle bir oturumunuz yok.", "You have no such session.");
const UNKNOWN_ACCOUNT: Text = Text::new("Böyle bir hesap yok.", "There is no such account.");
const ADDRESS_TAKEN: Text = Text::new("Bu adresin bir hesabı var.", "This address has an account.");
const NO_SIGNING_KEYS: Text = Text::new("İmza anahtarı yok.", "There are no signing keys.");
const NEXT_KEY_NOT_PUBLISHED: Text =
    Text::new("Sıradaki anahtar henüz yayımlanmadı.", "The next key is not published yet.");
const RATE_LIMITED: Text = Text::new(
    "Çok fazla deneme yapıldı, lütfen daha sonra yeniden deneyin.",
    "Too many attempts, please try again later.",
);

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::InvalidToken => Self::new(StatusCode::BAD_REQUEST, "INVALID_TOKEN", INVALID_TOKEN),
            AuthError::InvalidCredentials => {
                Self::new(StatusCode::BAD_REQUEST, "INVALID_CREDENTIALS", INVALID_CREDENTIALS)
            }
            AuthError::InvalidPassword => {
                let fault = Fault::new("current_password", "INVALID_PASSWORD", INVALID_PASSWORD);
                Self::new(StatusCode::BAD_REQUEST, "INVALID_PASSWORD", INVALID_PASSWORD).naming(fault)
            }
            AuthError::InvalidRefreshToken => {
                Self::new(StatusCode::UNAUTHORIZED, "INVALID_REFRESH_TOKEN", INVALID_REFRESH_TOKEN)
            }
            AuthError::Unfit(fault) => Self::invalid(vec![fault]),
            AuthError::UnknownSession => Self::new(StatusCode::NOT_FOUND, "SESSION_NOT_FOUND", UNKNOWN_SESSION),
            AuthError::UnknownAccount => Self::new(StatusCode::NOT_FOUND, "ACCOUNT_NOT_FOUND", UNKNOWN_ACCOUNT),
            AuthError::AddressTaken => Self::new(StatusCode::CONFLICT, "ADDRESS_TAKEN", ADDRESS_TAKEN),
            AuthError::NoSigningKeys => Self::new(StatusCode::CONFLICT, "NO_SIGNING_KEYS", NO_SIGNING_KEYS),
            AuthError::NextKeyNotPublished => {
                Self::new(StatusCode::CONFLICT, "NEXT_KEY_NOT_PUBLISHED", NEXT_KEY_NOT_PUBLISHED)
            }
            AuthError::RateLimited { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", RATE_LIMITED).retry_after(retry_after)
            }
            AuthError::Busy => Self::unavailable(),
            AuthError::Database(error) => error.into(),
            AuthError::Ephemeral(error) => error.into(),
            AuthError::Unexpected(error) => error.into(),
        }
    }
}
