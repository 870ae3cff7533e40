//! Opens streams for clients that can send no header: the `EventSource` of browsers.

use clock::Timestamp;
use contracts::{Role, SessionId, UserId};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::streams::UNKNOWN_SESSION_TIMEOUT;
use super::{EventStreams, StreamReader};

/// For what tickets are sealed.
const PURPOSE: &str = "ticket of an event stream";
/// No ticket of ours is longer.
const LONGEST: usize = 600;

/// Opens streams for who has asked for it, as often as it takes, until it expires: an `EventSource` comes again at the same address.
/// Nothing is stored, so every replica takes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamTicket {
    /// Sent as the query parameter `ticket`.
    ticket: String,
    /// Until when. Streams that it has opened end then, after an event `expired`.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What is sealed in a ticket.
#[derive(Serialize, Deserialize)]
struct Sealed {
    user: UserId,
    role: Role,
    session: Option<SessionId>,
    expires_at: Timestamp,
}

impl StreamTicket {
    /// A ticket that opens as much as what `reader` has come with, and no longer.
    #[must_use]
    pub fn for_reader(streams: &EventStreams, reader: &StreamReader) -> Self {
        let StreamReader { user_id, role, session, mut expires_at } = *reader;
        if session.is_none() {
            // Nobody reports here that the token was revoked.
            expires_at = expires_at.min(streams.sources().now() + UNKNOWN_SESSION_TIMEOUT);
        }
        let sealed = Sealed { user: user_id, role, session, expires_at };
        let plain = serde_json::to_vec(&sealed).expect("ids, a word and a time are JSON");
        Self { ticket: BASE64URL_NOPAD.encode(&streams.vault().seal(PURPOSE, &plain)), expires_at }
    }
}

/// Who has the ticket, if it was made here and not changed since.
pub(super) fn open(streams: &EventStreams, ticket: &str) -> Option<StreamReader> {
    if ticket.len() > LONGEST {
        return None;
    }
    let sealed = BASE64URL_NOPAD.decode(ticket.as_bytes()).ok()?;
    let plain = streams.vault().open(PURPOSE, &sealed).ok()?;
    let Sealed { user, role, session, expires_at } = serde_json::from_slice(&plain).ok()?;
    Some(StreamReader { user_id: user, role, session, expires_at })
}
