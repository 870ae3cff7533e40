//! What a signed-in user sees of their own account.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use chrono::{DateTime, Utc};
use contracts::{EmailAddress, Locale, Role, UserId};
use kit::{Caller, Page, PageParameters, PageRequest, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actions;
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
