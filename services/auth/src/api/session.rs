//! Signing in and out, staying signed in, and seeing where one is.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use contracts::{EmailAddress, Secret, SessionId};
use kit::{
    Caller, CurrentCaller, Field, IdempotencyKey, InLanguage, Json, Language, Page, PageParameters, PageRequest,
    Problem, required_fields,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::set_cookies;

use super::body::{MessageBody, TokensBody};
use super::visitor::device_cookie;
use crate::actions::{self, Credentials, Visitor};
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::model::password::TypedPassword;
use crate::model::rotation::AttemptKey;
use crate::state::Auth;
use crate::store::session::Session;

/// What somebody typed to sign in.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Login {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    password: Field<TypedPassword>,
}

/// What keeps somebody signed in.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Refresh {
    #[serde(default)]
    #[schema(value_type = String, required)]
    refresh_token: Field<Secret>,
}

/// A sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    id: SessionId,
    /// How the program that signed in names itself.
    device: Option<String>,
    /// From which network it signed in.
    network: String,
    created_at: DateTime<Utc>,
    /// Not to the minute: noted now and then.
    last_seen_at: DateTime<Utc>,
    /// When it ends however busy it is.
    ends_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionBody {
    fn new(session: Session, current: Option<SessionId>) -> Self {
        let Session { id, user_agent, network, created_at, last_seen_at, ends_at, .. } = session;
        Self { id, device: user_agent, network, created_at, last_seen_at, ends_at, current: current == Some(id) }
    }
}

/// Signs in. An unknown address, one that was not verified yet, a locked account and a wrong password are answered alike.
#[utoipa::path(
    post,
    path = "/auth/login",
    tag = "auth",
    request_body = Login,
    responses(
        (status = 200, description = "The tokens of a new session; the cookie `device` is set", body = TokensBody),
        (status = 400, description = "INVALID_CREDENTIALS, or the body is no JSON object"),
        (status = 429, description = "Too many wrong passwords"),
    )
)]
pub(super) async fn login(
    State(auth): State<Arc<Auth>>,
    visitor: Visitor,
    Json(body): Json<Login>,
) -> Result<impl IntoResponse, Problem> {
    let (email, password) = required_fields!(body => email, password)?;
    let signed_in = actions::login(&auth, Credentials { email, password }, &visitor).await?;
    Ok((set_cookies([device_cookie(&auth, signed_in.device)]), Answer(TokensBody::from(signed_in.tokens))))
}

/// Exchanges a refresh token for the next tokens. A client that lost the answer sends the same token again with the same
/// `Idempotency-Key`; without one, within ten seconds. Any other second use ends the session.
#[utoipa::path(
    post,
    path = "/auth/refresh",
    tag = "auth",
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        description = "Names this attempt; keep it with the token until the answer is stored"
    )),
    request_body = Refresh,
    responses(
        (status = 200, description = "The next tokens of the session", body = TokensBody),
        (status = 400, description = "The body is no JSON object, or the Idempotency-Key is ill-formed"),
        (status = 401, description = "INVALID_REFRESH_TOKEN"),
    )
)]
pub(super) async fn refresh(
    State(auth): State<Arc<Auth>>,
    origin: Origin,
    key: Option<IdempotencyKey>,
    Json(body): Json<Refresh>,
) -> Result<Answer<TokensBody>, Problem> {
    let refresh_token = required_fields!(body => refresh_token)?;
    let attempt = key.map(|key| AttemptKey::of(key.as_str()));
    let tokens = actions::refresh(&auth, &refresh_token, attempt, &origin).await?;
    Ok(Answer(tokens.into()))
}

/// Ends the session of the access token.
#[utoipa::path(
    post,
    path = "/auth/logout",
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The session has ended", body = MessageBody))
)]
pub(super) async fn logout(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    caller: Caller,
    origin: Origin,
) -> Result<InLanguage<Answer<MessageBody>>, Problem> {
    actions::logout(&auth, &caller, &origin).await?;
    Ok(MessageBody::say(locale, "Oturumunuz kapatıldı.", "Successfully logged out"))
}

/// Ends every session of the signed-in user, this one too.
#[utoipa::path(
    post,
    path = "/auth/logout-all",
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "All sessions have ended", body = MessageBody))
)]
pub(super) async fn logout_all(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    CurrentCaller(caller): CurrentCaller,
    origin: Origin,
) -> Result<InLanguage<Answer<MessageBody>>, Problem> {
    actions::logout_all(&auth, caller.user_id(), &origin).await?;
    Ok(MessageBody::say(locale, "Bütün oturumlarınız kapatıldı.", "Successfully logged out everywhere"))
}

/// Where the user is signed in, newest first.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    tag = "auth",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "One page", body = Page<SessionBody>),
    )
)]
pub(super) async fn list_sessions(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    page: PageRequest,
) -> Result<Answer<Page<SessionBody>>, Problem> {
    let sessions = actions::list_sessions(&auth, caller.user_id(), page).await?;
    let show = |session| SessionBody::new(session, caller.session_id());
    Ok(Answer(Page::of(sessions, &page, |session| session.id.0, show)))
}

/// Ends one session of the signed-in user.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    tag = "auth",
    security(("bearer" = [])),
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 404, description = "SESSION_NOT_FOUND: none of the user's sessions"),
    )
)]
pub(super) async fn end_session(
    State(auth): State<Arc<Auth>>,
    CurrentCaller(caller): CurrentCaller,
    origin: Origin,
    session: Result<Path<SessionId>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path(session) = session.map_err(|_| AuthError::UnknownSession)?;
    actions::end_session(&auth, caller.user_id(), session, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
