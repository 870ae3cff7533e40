//! Events that consumers gave up, and what becomes of them.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bus::dead_letters::{self, CannotClose, DeadLetter, DeadLetterId, Details, Operation, Resolution, RunMode, Slice};
use database::Database;
use kit::{Admin, Caller, Cursor, Page, PageParameters, PageRequest, Problem, Text};
use serde::Serialize;
use utoipa::ToSchema;

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
    security(("bearer" = ["admin"])),
    params(ChoiceParameters, PageParameters),
    responses(
        (status = 200, description = "One page", body = Page<DeadLetter>),
        (status = 400, description = "The state, the cursor or the limit is wrong"),
    )
)]
pub(super) async fn list(
    State(database): State<Database>,
    _: Admin,
    page: PageRequest<i64>,
    ListChoice { filter, scope }: ListChoice,
) -> Answer<Page<DeadLetter>> {
    let slice = Slice { after: page.after.map(|Cursor(number)| DeadLetterId(number)), limit: page.limit + 1 };
    let letters = dead_letters::list(&database, &filter, scope, slice).await?;
    Ok(Json(Page::of(letters, &page, |letter| letter.id.0, |letter| letter)))
}

/// One dead letter with its trace and what operators did with it; secrets are masked.
#[utoipa::path(
    get,
    path = "/admin/dead-letters/{id}",
    operation_id = "show_dead_letter",
    tag = "admin",
    security(("bearer" = ["admin"])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter", body = Details),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND"),
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
    security(("bearer" = ["admin"])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter, replayed", body = DeadLetter),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND"),
        (status = 409, description = "DEAD_LETTER_NOT_OPEN: it was replayed or discarded before"),
    )
)]
pub(super) async fn replay(
    State(database): State<Database>,
    Admin(admin): Admin,
    id: Result<Path<DeadLetterId>, PathRejection>,
) -> Answer<DeadLetter> {
    close_one(&database, id, Operation::Replay, &admin).await
}

/// Closes an open dead letter for good; it stays on record.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/{id}/discard",
    operation_id = "discard_dead_letter",
    tag = "admin",
    security(("bearer" = ["admin"])),
    params(("id" = DeadLetterId, Path, description = "The dead letter")),
    responses(
        (status = 200, description = "The letter, discarded", body = DeadLetter),
        (status = 404, description = "DEAD_LETTER_NOT_FOUND"),
        (status = 409, description = "DEAD_LETTER_NOT_OPEN: it was replayed or discarded before"),
    )
)]
pub(super) async fn discard(
    State(database): State<Database>,
    Admin(admin): Admin,
    id: Result<Path<DeadLetterId>, PathRejection>,
) -> Answer<DeadLetter> {
    close_one(&database, id, Operation::Discard, &admin).await
}

/// Replays all open dead letters that the body chooses, oldest first. Where that takes longer than a request may, the
/// answer is 503; what was replayed until then stays so, and the same request goes on.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/replay",
    operation_id = "replay_dead_letters",
    tag = "admin",
    security(("bearer" = ["admin"])),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "How many", body = Count),
    )
)]
pub(super) async fn replay_many(
    State(database): State<Database>,
    Admin(admin): Admin,
    kit::Json(body): kit::Json<ChoiceBody>,
) -> Answer<Count> {
    close_many(&database, body, Operation::Replay, &admin).await
}

/// Discards all open dead letters that the body chooses; as with replaying, the same request goes on after a 503.
#[utoipa::path(
    post,
    path = "/admin/dead-letters/discard",
    operation_id = "discard_dead_letters",
    tag = "admin",
    security(("bearer" = ["admin"])),
    request_body = ChoiceBody,
    responses(
        (status = 200, description = "How many", body = Count),
    )
)]
pub(super) async fn discard_many(
    State(database): State<Database>,
    Admin(admin): Admin,
    kit::Json(body): kit::Json<ChoiceBody>,
) -> Answer<Count> {
    close_many(&database, body, Operation::Discard, &admin).await
}

async fn close_one(
    database: &Database,
    id: Result<Path<DeadLetterId>, PathRejection>,
    operation: Operation,
    admin: &Caller,
) -> Answer<DeadLetter> {
    let Path(id) = id.map_err(|_| not_found())?;
    let resolution = Resolution { operation, run: RunMode::Real, actor: &admin.user_id().to_string() };
    Ok(Json(dead_letters::close_one(database, id, resolution).await.map_err(refusal)?))
}

async fn close_many(database: &Database, body: ChoiceBody, operation: Operation, admin: &Caller) -> Answer<Count> {
    let (filter, run) = body.parse()?;
    let actor = admin.user_id().to_string();
    let mut closing = dead_letters::close(database, &filter, Resolution { operation, run, actor: &actor });
    let mut count = 0;
    while let Some(letters) = closing.next().await? {
        count += letters.len();
    }
    Ok(Json(Count { count, dry_run: run == RunMode::Dry }))
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
