//! What a signed-in user sees of their own account.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use contracts::{EmailAddress, Locale, Role, UserId};
use kit::{Admin, Caller, Field, Json, Page, PageParameters, PageRequest, Problem, required_fields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actions;
use crate::error::AuthError;
use crate::model::origin::Origin;
use crate::model::security_event::SecurityEventKind;
use crate::state::Auth;
use crate::store::account::Account;
use crate::store::security_event::SecurityEvent;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(super) struct AccountBody {
    /// The user in every service.
    id: UserId,
    email: EmailAddress,
    role: Role,
    /// The language of mails.
    locale: Locale,
    /// When the mailbox was proven.
    created_at: DateTime<Utc>,
}

/// Something that happened to the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecurityEvent)]
pub(super) struct SecurityEventBody {
    id: Uuid,
    kind: SecurityEventKind,
    at: DateTime<Utc>,
    /// From which network; `null` when the operator did it.
    network: Option<String>,
    /// With which program.
    user_agent: Option<String>,
}

/// What somebody may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct GrantRole {
    #[serde(default)]
    #[schema(required, value_type = Role)]
    role: Field<Role>,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        let Account { id, email, role, locale, created_at, .. } = account;
        Self { id, email, role, locale, created_at }
    }
}

impl From<SecurityEvent> for SecurityEventBody {
    fn from(event: SecurityEvent) -> Self {
        let SecurityEvent { id, kind, at, network, user_agent, .. } = event;
        Self { id, kind, at, network, user_agent }
    }
}

/// The signed-in user.
#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = AccountBody))
)]
pub(super) async fn me(State(auth): State<Arc<Auth>>, caller: Caller) -> Result<Answer<AccountBody>, Problem> {
    let account = actions::me(&auth, caller.user_id()).await?;
    Ok(Answer(account.into()))
}

/// Changes what somebody may do. Their sessions learn of it at their next refresh; one within a second may miss it.
#[utoipa::path(
    put,
    path = "/admin/accounts/{id}/role",
    tag = "auth",
    security(("bearer" = ["admin"])),
    params(("id" = UserId, Path, description = "The user")),
    request_body = GrantRole,
    responses(
        (status = 200, description = "The account as it is now", body = AccountBody),
        (status = 404, description = "ACCOUNT_NOT_FOUND: nobody has this id"),
    )
)]
pub(super) async fn grant_role(
    State(auth): State<Arc<Auth>>,
    _: Admin,
    origin: Origin,
    id: Result<Path<UserId>, PathRejection>,
    Json(body): Json<GrantRole>,
) -> Result<Answer<AccountBody>, Problem> {
    let role = required_fields!(body => role)?;
    let Path(id) = id.map_err(|_| AuthError::UnknownAccount)?;
    let account = actions::grant_role(&auth, id, role, &origin).await?;
    Ok(Answer(account.into()))
}

/// What happened to the signed-in user's account, newest first.
#[utoipa::path(
    get,
    path = "/auth/events",
    tag = "auth",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "One page", body = Page<SecurityEventBody>),
    )
)]
pub(super) async fn list_events(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    page: PageRequest,
) -> Result<Answer<Page<SecurityEventBody>>, Problem> {
    let events = actions::list_events(&auth, caller.user_id(), page).await?;
    Ok(Answer(Page::of(events, &page, |event| event.id, SecurityEventBody::from)))
}
