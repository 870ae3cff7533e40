//! Server-Sent Events as a client hears them (HTML Living Standard, section 9.2), as far as the bench needs them.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Response, StatusCode};

/// A stream that is open.
pub(crate) struct EventStream {
    response: Response,
    reader: Reader,
}

/// Something that was said on it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamEvent {
    pub(crate) name: String,
    /// What to come again with.
    pub(crate) id: String,
    pub(crate) data: String,
}

impl EventStream {
    /// Asks for the stream at `url`.
    pub(crate) async fn open(http: &Client, url: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let request = http.get(url).header("accept", "text/event-stream");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await?;
        ensure!(response.status() == StatusCode::OK, "a stream answered {}", response.status());
        Ok(Self { response, reader: Reader::default() })
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Result<StreamEvent> {
        loop {
            if let Some(event) = self.reader.next()? {
                return Ok(event);
            }
            self.reader.push(&self.response.chunk().await?.context("a stream has ended")?);
        }
    }
}

/// Makes events of bytes, however those are cut.
#[derive(Default)]
struct Reader {
    bytes: Vec<u8>,
    begun: StreamEvent,
}

impl Reader {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next event that has come whole. Comments are none.
    fn next(&mut self) -> Result<Option<StreamEvent>> {
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = std::str::from_utf8(&line)?.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                let event = std::mem::take(&mut self.begun);
                // Without data it is none.
                if !event.data.is_empty() {
                    return Ok(Some(event));
                }
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut self.begun.name),
                "id" => value.clone_into(&mut self.begun.id),
                "data" => self.begun.add(value),
                // A comment, or the time to wait before coming again.
                _ => {}
            }
        }
        Ok(None)
    }
}

impl StreamEvent {
    fn add(&mut self, line: &str) {
        if !self.data.is_empty() {
            self.data.push('\n');
        }
        self.data.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "retry: 2500\n\n: hb\n\nevent: snapshot\nid: a1\ndata: {\"orders\":[]}\n\n: hb\n\n\
        event: order\r\nid: b2\r\ndata: {\"not\":\r\ndata: \"kısa\"}\r\n\r\nevent: order\n";

    #[test]
    fn events_are_the_same_however_their_bytes_are_cut() {
        for size in 1..STREAM.len() {
            let (mut reader, mut events) = (Reader::default(), Vec::new());
            for bytes in STREAM.as_bytes().chunks(size) {
                reader.push(bytes);
                events.extend(std::iter::from_fn(|| reader.next().unwrap()));
            }

            let read = events.iter().map(|StreamEvent { name, id, data }| (name.as_str(), id.as_str(), data.as_str()));
            let expected = [("snapshot", "a1", "{\"orders\":[]}"), ("order", "b2", "{\"not\":\n\"kısa\"}")];
            assert_eq!(read.collect::<Vec<_>>(), expected, "{size}");
        }
    }
}
