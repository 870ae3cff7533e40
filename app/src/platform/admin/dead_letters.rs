//! Events that consumers gave up, and what becomes of them.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bus::dead_letters::{self, CannotClose, Closing, DeadLetter, DeadLetterId, Details, Run, Slice};
use database::Database;
use kit::{Admin, BadBody, BadCaller, Cursor, Page, PageParameters, PageRequest, Problem, ProblemBody, Text};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::choice::{ChoiceBody, ChoiceParameters, ListChoice};

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeadLetterCount)]
pub(super) struct Count {
    /// How many letters were closed, or would be.
    count: usize,
    /// Whether nothing was changed.
    dry_run: bool,
}

type Answer<T> = Result<Json<T>, Problem>;

/// Dead letters, oldest first; the open ones unless `state` says otherwise.
#[utoipa::path(
    get,
    path = "/admin/dead-letters",
    operation_id = "list_dead_letters",
    tag = "admin",
    security(("bearer" = [])),
    params(ChoiceParameters, PageParameters),
    responses(
        (status = 200, description = "One page", body = Page<DeadLetter>),
        (status = 400, description = "The state, the cursor or the limit is wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
    )
)]
pub(super) async fn list(
    State(database): State<Database>,
    _: Admin,
    page: PageRequest,
    ListChoice { filter, scope }: ListChoice,
) -> Answer<Page<DeadLetter>> {
    let slice = Slice { after: page.after.map(behind), limit: page.limit + 1 };
    let letters = dead_letters::list(&database, &filter, scope, slice).await?;
    Ok(Json(Page::of(letters, page, |letter| place(letter.id), |letter| letter)))
}

/// One dead letter with its trace and what operators did with it; secrets are masked.
#[utoipa::path(
    get,
    path = "/admin/dead-letters/{id}",
    operation_id = "show_dead_letter",
    tag = "admin",
    security(("bearer" = [])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter", body = Details),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
    )
)]
pub(super) async fn show(
    State(database): State<Database>,
    _: Admin,
    id: Result<Path<DeadLetterId>, PathRejection>,
) -> Answer<Details> {
    let Path(id) = id.map_err(|_| not_found())?;
    Ok(Json(dead_letters::show(&database, id).await?.ok_or_else(not_found)?))
}

/// Gives an open dead letter back to the consumer that failed, behind what waits of its key there.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/{id}/replay",
    operation_id = "replay_dead_letter",
    tag = "admin",
    security(("bearer" = [])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter, replayed", body = DeadLetter),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "DEAD_LETTER_NOT_OPEN: it was replayed or discarded before", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
    )
)]
pub(super) async fn replay(
    State(database): State<Database>,
    Admin(admin): Admin,
    id: Result<Path<DeadLetterId>, PathRejection>,
) -> Answer<DeadLetter> {
    let Path(id) = id.map_err(|_| not_found())?;
    let replayed = dead_letters::replay_one(&database, id, Run::Real, &admin.user_id().to_string()).await;
    Ok(Json(replayed.map_err(refusal)?))
}

/// Closes an open dead letter for good; it stays on record.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/{id}/discard",
    operation_id = "discard_dead_letter",
    tag = "admin",
    security(("bearer" = [])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter, discarded", body = DeadLetter),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "DEAD_LETTER_NOT_OPEN: it was replayed or discarded before", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
    )
)]
pub(super) async fn discard(
    State(database): State<Database>,
    Admin(admin): Admin,
    id: Result<Path<DeadLetterId>, PathRejection>,
) -> Answer<DeadLetter> {
    let Path(id) = id.map_err(|_| not_found())?;
    let discarded = dead_letters::discard_one(&database, id, Run::Real, &admin.user_id().to_string()).await;
    Ok(Json(discarded.map_err(refusal)?))
}

/// Replays all open dead letters that the body chooses, oldest first. Where that takes longer than a request may, the
/// answer is 503; what was replayed until then stays so, and the same request goes on.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/replay",
    operation_id = "replay_dead_letters",
    tag = "admin",
    security(("bearer" = [])),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "How many", body = Count),
        (status = 400, description = "The body is no JSON object", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
        BadBody,
    )
)]
pub(super) async fn replay_many(
    State(database): State<Database>,
    Admin(admin): Admin,
    kit::Json(body): kit::Json<ChoiceBody>,
) -> Answer<Count> {
    let (filter, run) = body.parse()?;
    count(dead_letters::replay(&database, &filter, run, &admin.user_id().to_string()), run).await
}

/// Discards all open dead letters that the body chooses; as with replaying, the same request goes on after a 503.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/discard",
    operation_id = "discard_dead_letters",
    tag = "admin",
    security(("bearer" = [])),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "How many", body = Count),
        (status = 400, description = "The body is no JSON object", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        BadCaller,
        BadBody,
    )
)]
pub(super) async fn discard_many(
    State(database): State<Database>,
    Admin(admin): Admin,
    kit::Json(body): kit::Json<ChoiceBody>,
) -> Answer<Count> {
    let (filter, run) = body.parse()?;
    count(dead_letters::discard(&database, &filter, run, &admin.user_id().to_string()), run).await
}

async fn count(mut closing: Closing<'_>, run: Run) -> Answer<Count> {
    let mut count = 0;
    while let Some(letters) = closing.next().await? {
        count += letters.len();
    }
    Ok(Json(Count { count, dry_run: run == Run::Dry }))
}

/// Cursors have the width of a UUID; the number of a letter fills its end.
fn place(id: DeadLetterId) -> Uuid {
    Uuid::from_u64_pair(0, id.0.cast_unsigned())
}

fn behind(Cursor(place): Cursor) -> DeadLetterId {
    DeadLetterId(place.as_u64_pair().1.cast_signed())
}

fn not_found() -> Problem {
    let text = Text::new("Böyle bir ölü mektup yok.", "There is no such dead letter.");
    Problem::new(StatusCode::NOT_FOUND, "DEAD_LETTER_NOT_FOUND", text)
}

fn refusal(error: CannotClose) -> Problem {
    match error {
        CannotClose::Unknown(_) => not_found(),
        CannotClose::NotOpen { .. } => {
            let text = Text::new(
                "Bu ölü mektup açık değil: daha önce yeniden gönderildi ya da atıldı.",
                "This dead letter is not open: it was replayed or discarded before.",
            );
            Problem::new(StatusCode::CONFLICT, "DEAD_LETTER_NOT_OPEN", text)
        }
        CannotClose::Database(error) => error.into(),
    }
}
