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

/// A line that no client reads, by which it sees that the connection stands.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b": hb\n\n");
/// Says before the end that another ticket has to be asked for.
pub(super) const EXPIRED: Bytes = Bytes::from_static(b"event: expired\ndata: {}\n\n");

impl StreamEvent {
    /// As it is written.
    pub(super) fn frame(&self) -> Bytes {
        let Self { name, id, data } = self;
        let mut frame = Vec::with_capacity(name.len() + id.len() + data.len() + 24);
        for part in [b"event: ", name.as_bytes(), b"\nid: ", id.as_bytes(), b"\ndata: ", data, b"\n\n"] {
            frame.extend_from_slice(part);
        }
        frame.into()
    }
}

/// Says when to come again: at some time from the first up to the second, so that not all come at once.
pub(super) fn retry(sources: &Sources, (least, most): (Duration, Duration)) -> Bytes {
    let interval = least + (most - least).mul_f64(sources.fraction());
    format!("retry: {}\n\n", interval.as_millis()).into()
}
