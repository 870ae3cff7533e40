//! Answers that several routes share.

use contracts::Secret;
use kit::ProblemBody;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

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
    pub(super) const fn new(message: &'static str) -> Self {
        Self { message }
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

/// What every route with a body may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers that are made elsewhere")]
pub(super) enum BadBody {
    /// The body is longer than 256 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// The body is not of a type that this route reads.
    #[response(status = 415, content_type = "application/problem+json")]
    Unsupported(ProblemBody),
    /// A field is missing or wrong; `errors` names each of them.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// Something that this needs is away for the moment.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// What every route for signed-in users may answer instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes answers that are made elsewhere")]
pub(super) enum BadCaller {
    /// There is no valid session.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// Something that this needs is away for the moment.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}
