//! Who watches.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::DateTime;
use clock::Timestamp;
use contracts::{Role, SessionId, UserId};

use super::{EventStreams, ticket};
use crate::access::Refusal;
use crate::{Caller, Problem, QueryParameters};

/// Somebody who is signed in and watches, for no longer than what they came with is good.
#[derive(Debug, Clone, Copy)]
pub struct StreamReader {
    /// The user.
    pub user_id: UserId,
    /// The role when the token was minted.
    pub role: Role,
    /// The session; absent when a peer of the first platform minted the token.
    pub session: Option<SessionId>,
    /// When the token or the ticket expires.
    pub expires_at: Timestamp,
}

impl StreamReader {
    /// Who comes with the ticket in the query, or else with a token.
    pub(super) async fn of(
        parts: &mut Parts,
        parameters: &QueryParameters,
        streams: &EventStreams,
    ) -> Result<Self, Problem> {
        let sent = parameters.one("ticket").map_err(|fault| Problem::invalid(vec![fault]))?;
        let Some(sent) = sent else {
            return Ok(Self::from(&Caller::from_request_parts(parts, &()).await?));
        };
        let reader = ticket::open(streams, sent).ok_or(Refusal::Invalid)?;
        if reader.expires_at <= streams.sources().now() {
            return Err(Refusal::Expired.into());
        }
        if let Some(session) = reader.session {
            streams.guard().require_session(session).await?;
        }
        Ok(reader)
    }
}

impl From<&Caller> for StreamReader {
    fn from(caller: &Caller) -> Self {
        let expires_at = DateTime::from_timestamp(caller.claims().exp, 0).unwrap_or_default();
        Self { user_id: caller.user_id(), role: caller.role(), session: caller.session_id(), expires_at }
    }
}
