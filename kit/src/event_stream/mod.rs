//! Answers that go on: server-sent events (WHATWG HTML, section 9.2), for whoever watches something change.
//!
//! A stream ends when the server stops, when the session of who watches ends, and when the token or the ticket that opened it
//! has expired. A client comes again by itself, with the id of the last event that it has seen, unless the answer is anything but
//! 200. So what can't be served for the moment is answered as a stream that ends at once and says when to come again; 401, 403 and
//! 404 are final, and 204 says that there is nothing left to watch. A client that does not read loses its connection soon after the end.

mod event;
mod parameters;
mod reader;
mod running;
mod streams;
mod ticket;

#[cfg(all(test, feature = "testing"))]
mod tests;

use std::future::Future;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;

use crate::connection::Connection;
use crate::{Client, Problem, QueryParameters, TrustedProxies};
use streams::Asked;

pub use event::{StreamEvent, StreamPart};
pub use reader::StreamReader;
pub use streams::{EventStreams, PER_USER, StreamLimits};
pub use ticket::StreamTicket;

/// How long a client waits before it comes again after a stream has ended; each of those that end together another time.
const RETRY_INTERVAL: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(4));
/// The same where it can't be served for the moment.
const BUSY_INTERVAL: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(30));

/// How long it may take until there is something to say: less than any request may, whose answer would be final.
const OPEN_TIMEOUT: Duration = Duration::from_secs(6);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// An id of ours is far shorter.
const LONGEST_ID: usize = 200;

/// Somebody who asks for a stream, by a token or a ticket.
pub struct StreamRequest {
    /// Who it is.
    pub reader: StreamReader,
    /// The id of the last event that the client has seen. Pages that open a stream anew send it as `last_event_id`.
    pub last_event_id: Option<String>,
    streams: EventStreams,
    asked: Asked,
}

/// Why there is no stream: a final answer, or a passing trouble.
pub struct StreamRefusal(Response);

impl StreamRequest {
    /// Answers with the events that `open` finds; 204 if there is nothing to watch.
    pub async fn answer<S>(self, open: impl Future<Output = Result<Option<S>, Problem>>) -> Response
    where
        S: Stream<Item = StreamPart> + Send + 'static,
    {
        let Some(place) = self.streams.open(&self.reader, self.asked) else { return busy(&self.streams) };
        match tokio::time::timeout(OPEN_TIMEOUT, open).await {
            Ok(Ok(Some(events))) => streamed(Body::from_stream(running::frames(events, place, &self.streams))),
            Ok(Ok(None)) => StatusCode::NO_CONTENT.into_response(),
            Ok(Err(problem)) => StreamRefusal::of(problem, &self.streams).0,
            Err(_) => busy(&self.streams),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for StreamRequest {
    type Rejection = StreamRefusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StreamRefusal> {
        let streams = streams(parts);
        let reader = StreamReader::of(parts, &QueryParameters::of(&parts.uri), &streams).await;
        let reader = reader.map_err(|problem| StreamRefusal::of(problem, &streams))?;
        Self::by(parts, reader).await
    }
}

fn streams(parts: &Parts) -> EventStreams {
    let streams: &EventStreams = parts.extensions.get().expect("the app puts the streams around every route");
    streams.clone()
}

impl StreamRequest {
    /// The request of `parts`, of whose reader something else than this module knows who it is: a page by its cookie.
    ///
    /// # Errors
    /// It is no request for a stream.
    pub async fn by(parts: &mut Parts, reader: StreamReader) -> Result<Self, StreamRefusal> {
        let streams = streams(parts);
        let refused = |problem| StreamRefusal::of(problem, &streams);
        let parameters = QueryParameters::of(&parts.uri);
        let asked = parameters.one("last_event_id").map_err(|fault| refused(Problem::invalid(vec![fault])))?;
        let sent = parts.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
        // What a client of ours has seen itself counts more than what the page said when it opened the stream.
        let last_event_id = sent.or(asked).filter(|id| id.len() <= LONGEST_ID).map(str::to_owned);
        let Client { address, .. } = Client::from_request_parts(parts, &()).await.map_err(refused)?;
        let proxies: TrustedProxies = parts.extensions.get().cloned().unwrap_or_default();
        let connection: Connection = parts.extensions.get().cloned().unwrap_or_default();
        let asked = Asked { client: proxies.limited(address), connection };
        Ok(Self { reader, last_event_id, streams, asked })
    }
}

impl StreamRefusal {
    /// What is answered to the request of `parts` instead of a stream, because of `problem`.
    #[must_use]
    pub fn instead(parts: &Parts, problem: Problem) -> Self {
        Self::of(problem, &streams(parts))
    }

    fn of(problem: Problem, streams: &EventStreams) -> Self {
        Self(if problem.status().is_server_error() { busy(streams) } else { problem.into_response() })
    }
}

impl IntoResponse for StreamRefusal {
    fn into_response(self) -> Response {
        self.0
    }
}

/// A stream that ends at once, and says when to come again.
fn busy(streams: &EventStreams) -> Response {
    streamed(Body::from(event::retry(streams.sources(), BUSY_INTERVAL)))
}

fn streamed(body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
        // nginx would keep events back until there are enough of them.
        (ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, body).into_response()
}
