//! `refresh:<session id>`: a fast copy of the ledger, so that a refresh needs no database.

use std::time::Duration;

use contracts::{Role, SessionId};
use ephemeral::{Expiring, Result, Swap, parse_json};
use kit::Context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::rotation::RefreshState;

/// Everything that a refresh needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionState {
    /// The role of the last access token. The next one has it as well unless a role was changed since.
    pub(crate) role: Role,
    /// The version of everybody's roles that stood before the role was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role_version: Option<Uuid>,
    /// The epoch of the store that it was written in. Found in another one, it may be older than what the ledger knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) epoch: Option<Uuid>,
    #[serde(flatten)]
    pub(crate) refresh: RefreshState,
}

/// A state to be put, for as long as the session may lie idle.
pub(crate) struct Next<'a> {
    pub(crate) state: &'a SessionState,
    pub(crate) ttl: Duration,
}

/// A state as it was read, to be replaced only if it still stands.
pub(crate) struct Standing {
    bytes: Vec<u8>,
    pub(crate) state: SessionState,
}

pub(crate) async fn find(context: &Context, session: SessionId) -> Result<Option<Standing>> {
    let key = key(session);
    let Some(bytes) = context.ephemeral.get(&key).await? else { return Ok(None) };
    let state = parse_json(&key, &bytes)?;
    Ok(Some(Standing { bytes, state }))
}

/// Puts `next` in place of `standing`; `false` when something else stands there by now.
pub(crate) async fn replace(
    context: &Context,
    session: SessionId,
    standing: Option<&Standing>,
    next: Next<'_>,
) -> Result<bool> {
    let value = serde_json::to_vec(next.state).expect("ids, numbers and times are JSON");
    let expected = standing.map(|standing| standing.bytes.as_slice());
    let swap = context.ephemeral.swap(&key(session), expected, Some(Expiring { value: &value, ttl: next.ttl })).await?;
    Ok(swap == Swap::Done)
}

pub(crate) async fn forget(context: &Context, session: SessionId) -> Result<()> {
    context.ephemeral.remove(&key(session)).await
}

fn key(session: SessionId) -> String {
    format!("refresh:{session}")
}
