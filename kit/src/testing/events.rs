//! A stream of events, as a client reads it.

use axum::body::{BodyDataStream, Bytes};
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::Value;

use super::TIMEOUT;

/// Reads a stream event by event.
pub struct EventReader {
    body: BodyDataStream,
    unread: String,
}

/// An event, as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEvent {
    /// Its name; empty of a line that is no event.
    pub name: String,
    /// Its id; empty where it has none.
    pub id: String,
    /// Its data; null where it has none.
    pub data: Value,
    /// How it was written.
    pub text: String,
}

impl EventReader {
    pub(super) fn of(response: Response) -> Self {
        Self { body: response.into_body().into_data_stream(), unread: String::new() }
    }

    /// What comes next, heartbeats too; none where the stream has ended.
    ///
    /// # Panics
    /// Nothing comes for long.
    pub async fn next(&mut self) -> Option<ReadEvent> {
        while !self.unread.contains("\n\n") {
            let bytes = self.next_bytes().await?;
            self.unread.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        let (text, rest) = self.unread.split_once("\n\n").unwrap();
        let event = ReadEvent::of(text);
        self.unread = rest.to_owned();
        Some(event)
    }

    /// What comes next, whether or not it is a whole event; none where the stream has ended.
    ///
    /// # Panics
    /// Nothing comes for long.
    pub async fn next_bytes(&mut self) -> Option<Bytes> {
        tokio::time::timeout(TIMEOUT, self.body.next()).await.expect("something comes").map(Result::unwrap)
    }

    /// The next event of that name, whatever comes before it.
    ///
    /// # Panics
    /// The stream ends before, or nothing comes for long.
    pub async fn next_named(&mut self, name: &str) -> ReadEvent {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {name} came"));
            if event.name == name {
                return event;
            }
        }
    }
}

impl ReadEvent {
    fn of(text: &str) -> Self {
        let field = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            lines.next().unwrap_or_default().to_owned()
        };
        let data = field("data");
        let data = if data.is_empty() { Value::Null } else { serde_json::from_str(&data).unwrap() };
        Self { name: field("event"), id: field("id"), data, text: text.to_owned() }
    }
}
