//! Why a request has no caller.

use axum::http::StatusCode;
use ephemeral::EphemeralError;

use crate::{Problem, Text};

/// Why an access token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// None was sent.
    #[error("no access token")]
    Missing,
    /// It is not one of ours, or was changed.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// Its session was ended.
    #[error("the access token was revoked")]
    Revoked,
    /// It is fine, but opens less than this.
    #[error("the role does not suffice")]
    Forbidden,
    /// Whether it was revoked is not known for the moment, and this route must know.
    #[error("revocations are not known for the moment")]
    Stale,
    /// The keys to check it are not known yet.
    #[error(transparent)]
    Unavailable(#[from] EphemeralError),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let unauthorized = |code, tr, en| Self::new(StatusCode::UNAUTHORIZED, code, Text::new(tr, en));
        match refusal {
            Refusal::Missing => unauthorized("NO_TOKEN", "Bu işlem için giriş yapmalısınız.", "Sign in to do this."),
            Refusal::Invalid => unauthorized("INVALID_TOKEN", "Oturum geçersiz.", "The session is not valid."),
            Refusal::Expired => unauthorized("TOKEN_EXPIRED", "Oturumun süresi doldu.", "The session has expired."),
            Refusal::Revoked => unauthorized("TOKEN_REVOKED", "Oturum sonlandırıldı.", "The session was ended."),
            Refusal::Forbidden => {
                let text = Text::new("Bu işlem için yetkiniz yok.", "You are not allowed to do this.");
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", text)
            }
            Refusal::Stale => Self::unavailable(),
            Refusal::Unavailable(error) => error.into(),
        }
    }
}
