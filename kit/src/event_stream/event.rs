//! What is written to a stream.

use std::time::Duration;

use axum::body::Bytes;
use clock::Sources;

/// An event of a stream.
#[derive(Debug, Clone)]
pub struct StreamEvent {
    /// What happened, which clients choose their reaction by.
    pub name: &'static str,
    /// What the client has seen with this event.
    pub id: String,
    /// JSON, in one line.
    pub data: Bytes,
}

/// An event, or a part of one that is too large to be held as a whole: each part is asked for once the one before it has left. The
/// parts of an event follow each other, and their data together are JSON in one line.
#[derive(Debug, Clone)]
pub enum StreamPart {
    /// An event.
    Whole(StreamEvent),
    /// The beginning of one.
    First {
        /// As that of an event.
        name: &'static str,
        /// How its data begin.
        data: Bytes,
    },
    /// What follows.
    Next(Bytes),
    /// Its end.
    Last {
        /// As that of an event.
        id: String,
        /// How its data end.
        data: Bytes,
    },
}

/// A line that no client reads, by which it sees that the connection stands.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b": hb\n\n");
/// Says before the end that another ticket has to be asked for.
pub(super) const EXPIRED: Bytes = Bytes::from_static(b"event: expired\ndata: {}\n\n");

impl StreamPart {
    /// Whether others of the same event follow.
    pub(super) fn goes_on(&self) -> bool {
        match self {
            Self::First { .. } | Self::Next(_) => true,
            Self::Whole(_) | Self::Last { .. } => false,
        }
    }

    /// As it is written.
    pub(super) fn frame(self) -> Bytes {
        match self {
            Self::Whole(StreamEvent { name, id, data }) => {
                joined([b"event: ", name.as_bytes(), b"\nid: ", id.as_bytes(), b"\ndata: ", &data, b"\n\n"])
            }
            Self::First { name, data } => joined([b"event: ", name.as_bytes(), b"\ndata: ", &data]),
            Self::Next(data) => data,
            // A client takes the lines of an event in any order.
            Self::Last { id, data } => joined([&data, b"\nid: ", id.as_bytes(), b"\n\n"]),
        }
    }
}

impl From<StreamEvent> for StreamPart {
    fn from(event: StreamEvent) -> Self {
        Self::Whole(event)
    }
}

fn joined<const PARTS: usize>(parts: [&[u8]; PARTS]) -> Bytes {
    parts.concat().into()
}

/// Says when to come again: at some time from the first up to the second, so that not all come at once.
pub(super) fn retry(sources: &Sources, (least, most): (Duration, Duration)) -> Bytes {
    let interval = least + (most - least).mul_f64(sources.fraction());
    format!("retry: {}\n\n", interval.as_millis()).into()
}
