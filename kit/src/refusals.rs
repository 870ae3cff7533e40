//! What many routes may answer instead, for the API's description; the answers themselves are [`Problem`](crate::Problem)s.

use utoipa::IntoResponses;

use crate::ProblemBody;

/// What every route with a body may answer instead.
#[derive(IntoResponses)]
pub enum BadBody {
    /// The body did not come in time.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(ProblemBody),
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

/// What every route that takes JSON and forms may answer instead, before it knows which of them it answers.
#[derive(IntoResponses)]
pub enum BadForm {
    /// The body did not come in time.
    #[response(status = 408, content_type = "application/problem+json")]
    TooSlow(ProblemBody),
    /// The body is longer than 256 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// The body is not of a type that this route reads.
    #[response(status = 415, content_type = "application/problem+json")]
    Unsupported(ProblemBody),
}

/// What a route that reads JSON alone, and has no other fault to answer with 400, may answer instead.
#[derive(IntoResponses)]
pub enum NoJson {
    /// The body is no JSON object.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
}

/// What every route for signed-in users may answer instead.
#[derive(IntoResponses)]
pub enum BadCaller {
    /// There is no valid session.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// Something that this needs is away for the moment.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// What every route for admins may answer beside [`BadCaller`].
#[derive(IntoResponses)]
pub enum NoAdmin {
    /// Not an admin.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
}
