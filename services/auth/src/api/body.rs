//! Answers that several routes share.

use axum::Json as Answer;
use contracts::{Locale, Secret};
use kit::InLanguage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::Tokens;

/// A sentence for the user, as the first platform's clients show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(super) struct MessageBody {
    message: &'static str,
}

/// The tokens of a session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(super) struct TokensBody {
    /// Opens every service until it expires.
    access_token: Secret,
    /// Gets the next tokens, once.
    refresh_token: Secret,
    /// The same as `access_token`, for clients of the first platform.
    token: Secret,
    /// Seconds that the access token lives.
    #[schema(example = 900)]
    expires_in: u64,
}

impl MessageBody {
    /// What a program reads, the same in every language.
    pub(super) const fn new(message: &'static str) -> Self {
        Self { message }
    }

    /// A sentence in `locale`.
    pub(super) fn say(locale: Locale, tr: &'static str, en: &'static str) -> InLanguage<Answer<Self>> {
        InLanguage(locale, Answer(Self { message: locale.say(tr, en) }))
    }
}

impl From<Tokens> for TokensBody {
    fn from(tokens: Tokens) -> Self {
        let token = tokens.access.clone();
        Self {
            access_token: tokens.access,
            refresh_token: tokens.refresh,
            token,
            expires_in: tokens.expires_in.as_secs(),
        }
    }
}
