//! A stream under way.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use clock::Sources;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, StreamExt, stream};

use super::event::{self, EXPIRED, HEARTBEAT};
use super::streams::{End, Place};
use super::{BUSY_INTERVAL, EventStreams, RETRY_INTERVAL, StreamPart};

/// A stream in which nothing happens says so often that it stands: proxies end what is silent for a minute.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);

struct Running<S> {
    events: Pin<Box<S>>,
    place: Place,
    sources: Sources,
    expired: BoxFuture<'static, ()>,
    heartbeat: BoxFuture<'static, ()>,
    /// Some of an event is written, and the rest is not.
    is_within_event: bool,
}

/// The bytes of `events`, and what is said besides them, until one of the reasons to end.
pub(super) fn frames<S>(
    events: S,
    place: Place,
    streams: &EventStreams,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<S>
where
    S: Stream<Item = StreamPart> + Send + 'static,
{
    let sources = streams.sources().clone();
    let first = event::retry(&sources, RETRY_INTERVAL);
    let running = Running {
        events: Box::pin(events),
        expired: pause(&sources, place.life),
        heartbeat: pause(&sources, HEARTBEAT_INTERVAL),
        place,
        sources,
        is_within_event: false,
    };
    let rest = stream::unfold(Some(running), |running| async { running?.next().await });
    stream::once(async { first }).chain(rest).map(Ok)
}

impl<S: Stream<Item = StreamPart>> Running<S> {
    /// What comes next, and whether anything comes after that.
    async fn next(mut self) -> Option<(Bytes, Option<Self>)> {
        let frame = tokio::select! {
            biased;
            ended = &mut self.place.ended => return self.last_word(ended.ok()),
            () = &mut self.expired => return self.last_word(Some(End::Expired)),
            part = self.events.next() => {
                let part = part?;
                self.is_within_event = part.goes_on();
                part.frame()
            }
            () = &mut self.heartbeat, if !self.is_within_event => HEARTBEAT,
        };
        self.heartbeat = pause(&self.sources, HEARTBEAT_INTERVAL);
        Some((frame, Some(self)))
    }

    /// What is said before the end. Behind a part of an event nothing is: what is not complete is forgotten by the client.
    fn last_word(&self, end: Option<End>) -> Option<(Bytes, Option<Self>)> {
        let word = match end.filter(|_| !self.is_within_event)? {
            End::Revoked | End::Expired => EXPIRED,
            End::Replaced => event::retry(&self.sources, BUSY_INTERVAL),
            End::Stopping => return None,
        };
        Some((word, None))
    }
}

fn pause(sources: &Sources, length: Duration) -> BoxFuture<'static, ()> {
    let sources = sources.clone();
    async move { sources.sleep(length).await }.boxed()
}
