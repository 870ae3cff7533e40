//! Why a request has no caller.

use axum::http::StatusCode;
use ephemeral::EphemeralError;

use crate::{Problem, Text};

use super::Knowledge;

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
    /// This process is not set up to know so much of a token.
    #[error("{0:?} would have to be known of access tokens here")]
    NotSetUp(Knowledge),
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
            Refusal::NotSetUp(Knowledge::Revocations) => EphemeralError::Absent.into(),
            Refusal::NotSetUp(Knowledge::Nothing | Knowledge::SignatureAlone) => {
                Self::unavailable_until_set(Text::new(
                    "Bu hizmet REDIS_URL ya da JWT_ACCESS_SECRET_KEY ayarlanmadan oturumları doğrulayamaz.",
                    "This service can't check sessions until REDIS_URL or JWT_ACCESS_SECRET_KEY is set.",
                ))
            }
            Refusal::Unavailable(error) => error.into(),
        }
    }
}
