//! Reads a feed: a stream whose entries each name the one before, so that a reader sees whether something is missing.

use std::collections::HashMap;
use std::time::Duration;

use redis::{FromRedisValue, ParsingError, Value};

use super::connection::Connection;
use super::fault::Fault;
use crate::{FEED_PAGE, Followed, Position};

/// One wait at Redis. It ends often enough to notice a dead connection, and a feed that was wiped and stays empty.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);

/// A feed, read by a connection that nobody else waits for.
pub(super) struct Feed<'a> {
    pub(super) connection: &'a Connection,
    pub(super) name: &'a str,
}

struct Entry {
    position: Position,
    previous: Position,
    payload: Vec<u8>,
}

impl Feed<'_> {
    /// A page of the entries behind `after`; waits up to `wait` for the first one.
    pub(super) async fn follow(&self, after: Position, wait: Duration) -> Result<Followed, Fault> {
        let mut left = wait;
        loop {
            // The end comes first: what is appended meanwhile is then only news.
            let end = self.end().await?;
            let is_up_to_date = after == Position::START || after == end;
            let slice = if is_up_to_date { left.min(POLL_TIMEOUT) } else { Duration::ZERO };
            let followed = followed(after, end, self.read_page(after, slice).await?);
            left = left.saturating_sub(slice);
            if followed.gap || !followed.entries.is_empty() || left.is_zero() {
                return Ok(followed);
            }
        }
    }

    /// The place of the last entry that ever was.
    async fn end(&self) -> Result<Position, Fault> {
        let question = redis::cmd("XINFO").arg("STREAM").arg(self.name).take();
        match self.connection.ask::<HashMap<String, Value>>(&question).await {
            Ok(mut facts) => Ok(Position::from_redis_value(facts.remove("last-generated-id").unwrap_or_default())?),
            Err(fault) if fault.is_missing_key() => Ok(Position::START),
            Err(fault) => Err(fault),
        }
    }

    async fn read_page(&self, after: Position, wait: Duration) -> Result<Vec<Entry>, Fault> {
        let mut question = redis::cmd("XREAD");
        question.arg("COUNT").arg(FEED_PAGE);
        if !wait.is_zero() {
            // Never 0, by which Redis means forever.
            question.arg("BLOCK").arg(wait.as_millis().max(1).to_string());
        }
        question.arg("STREAMS").arg(self.name).arg(format!("{}-{}", after.milliseconds, after.sequence));
        let streams: Option<Vec<(Value, Vec<Entry>)>> = self.connection.ask_and_wait(&question, wait).await?;
        Ok(streams.into_iter().flatten().flat_map(|(_, entries)| entries).collect())
    }
}

fn followed(after: Position, end: Position, entries: Vec<Entry>) -> Followed {
    let mut is_whole = !entries.is_empty() || after == end;
    let mut last = after;
    for entry in &entries {
        is_whole &= entry.previous == last;
        last = entry.position;
    }
    Followed {
        more: entries.len() == FEED_PAGE && last < end,
        entries: entries.into_iter().map(|entry| (entry.position, entry.payload)).collect(),
        gap: after != Position::START && !is_whole,
    }
}

impl FromRedisValue for Entry {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let (position, mut fields): (Position, HashMap<String, Value>) = FromRedisValue::from_redis_value(value)?;
        let mut take = |name: &str| {
            fields.remove(name).ok_or_else(|| ParsingError::from(format!("an entry of a feed has no {name}")))
        };
        Ok(Self {
            position,
            previous: Position::from_redis_value(take("previous")?)?,
            payload: Vec::from_redis_value(take("entry")?)?,
        })
    }
}

impl FromRedisValue for Position {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let text = String::from_redis_value(value)?;
        let parts = text.split_once('-').map(|(milliseconds, sequence)| (milliseconds.parse(), sequence.parse()));
        match parts {
            Some((Ok(milliseconds), Ok(sequence))) => Ok(Self { milliseconds, sequence }),
            _ => Err(format!("{text} is no id of a stream").into()),
        }
    }
}
