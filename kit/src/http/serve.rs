//! The loop that takes connections in, and lets them end when the platform stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use futures_util::FutureExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1::{self, Connection};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::arrival::Arrival;
use super::connection_slots::{Admission, Busy, ConnectionLimits, ConnectionSlot, ConnectionSlots};
use super::observe;
use super::stream::ClientStream;
use super::timeout::GraceOver;

/// How long a client may take to send a request's head, and keep an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How large a request's head may be, and what is buffered of a connection, but for one read more, which may be as large; larger ones are
/// answered with 431. hyper itself takes a hundred headers.
const HEAD_SIZE: usize = 64 * 1024;
/// How long accepted requests may take once the platform stops; what is not done by then is answered with 503.
const REQUEST_GRACE: Duration = Duration::from_secs(3);
/// How long it may take after that until the answers have left.
const ANSWER_GRACE: Duration = Duration::from_millis(500);
/// How long a stopping server still waits for requests on connections that are open. Under load each connection sends one
/// in that time and is asked to close. One that is idle is closed then: HTTP/1.1 has no word to announce that with, so a
/// request that the client sends at this very moment, and which is not here yet, is lost and has to be sent again.
const CONNECTION_GRACE: Duration = Duration::from_millis(250);
/// Connections that may wait in the system's queue, which all get a slot beyond that number when the server stops. Give
/// this length to the socket that is served.
pub const QUEUE: u32 = 1024;
/// How long what is written may stay without a word from the other side, after which the system takes the client for gone. A
/// phone that has left its network says nothing, and the system by itself would send again for a quarter of an hour; whoever is
/// in a tunnel for half a minute is back in time. A stream writes every 15 seconds at least, so its place is free within 45.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(30);
/// Answers to bodies that are not read to their end, behind which no other request can be found.
const BODY_LEFT_BEHIND: [StatusCode; 2] = [StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE];
/// How long accepting pauses after the system refused a connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` within `limits` until `stop`, then answers what it accepted, which takes four seconds at
/// most. Beyond the limits clients wait in the system's queue.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let mut connections = Connections::new(router, ConnectionSlots::new(limits), stop.clone());
    let mut waiting = Waiting::default();
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_ended) = connections.running.join_next() => {}
            () = connections.slots.room(waiting.next()), if !waiting.is_empty() => connections.start(waiting.take()),
            accepted = listener.accept(), if waiting.first.is_none() => match accepted {
                Ok(accepted) => waiting.add(accepted, &connections.slots),
                Err(error) => {
                    tracing::error!(%error, "a connection can't be accepted");
                    // The error stays for as long as its cause, such as a lack of file handles.
                    let _stopped_early = tokio::time::timeout(ACCEPT_BACKOFF, stop.cancelled()).await;
                }
            },
        }
    }
    connections.take_waiting(&listener, waiting).await;
    drop(listener);
    connections.drain().await;
}

type Accepted = (TcpStream, SocketAddr);

/// Who waits for a place: somebody has to before others give way.
#[derive(Default)]
struct Waiting {
    first: Option<Accepted>,
    last: Option<Accepted>,
}

impl Waiting {
    /// Lets a newcomer wait, or drops it. One of those that come in last is kept, so that a crowd of them is in nobody's way.
    fn add(&mut self, accepted: Accepted, slots: &ConnectionSlots) {
        let peer = accepted.1.ip();
        match slots.admit(peer) {
            Admission::First => self.first = Some(accepted),
            Admission::Last if self.last.is_none() => self.last = Some(accepted),
            Admission::Last => slots.note_refusal(peer),
            Admission::Refused => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.last.is_none()
    }

    /// Of what kind the one is that is next.
    fn next(&self) -> Admission {
        if self.first.is_some() { Admission::First } else { Admission::Last }
    }

    fn take(&mut self) -> Option<Accepted> {
        self.first.take().or_else(|| self.last.take())
    }
}

struct Connections {
    router: Router,
    stop: CancellationToken,
    slots: Arc<ConnectionSlots>,
    running: JoinSet<()>,
    /// From when on connections are closed as soon as they are idle.
    closing: CancellationToken,
    /// From when on requests are given up.
    last_call: CancellationToken,
    http: http1::Builder,
}

impl Connections {
    fn new(router: Router, slots: Arc<ConnectionSlots>, stop: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_SIZE);
        let (closing, last_call) = (CancellationToken::new(), CancellationToken::new());
        Self { router, stop, slots, running: JoinSet::new(), closing, last_call, http }
    }

    fn start(&mut self, accepted: Option<Accepted>) {
        let Some((stream, peer)) = accepted else { return };
        let slot = self.slots.take(peer.ip(), &self.closing);
        if let Err(error) = stream.set_nodelay(true).and_then(|()| limit_silence(&stream)) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let (router, stop, last_call) = (self.router.clone(), self.stop.clone(), GraceOver(self.last_call.clone()));
        let (of_request, arrival) = (Arc::clone(&slot), Arrival::on(Arc::clone(&slot)));
        let connection = slot.connection().clone();
        let stream = ClientStream::new(stream, Arc::clone(&slot), arrival.clone(), self.slots.write_timeout());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(last_call.clone());
            request.extensions_mut().insert(connection.clone());
            let request = request.map(|body| arrival.follow(Body::new(body)));
            answer(router.clone(), stop.clone(), Arc::clone(&of_request), request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        self.running.spawn(async move {
            if let Err(error) = serve_connection(connection, &slot).await {
                if error.is_parse() {
                    observe::count_unread_head(if error.is_parse_too_large() {
                        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
                    } else {
                        StatusCode::BAD_REQUEST
                    });
                }
                tracing::debug!(%error, "a connection broke");
            }
        });
    }

    /// Connections that the system accepted for us already, but we did not take in yet.
    async fn take_waiting(&mut self, listener: &TcpListener, mut waiting: Waiting) {
        // Lets the runtime hear of the latest ones.
        tokio::task::yield_now().await;
        self.slots.widen(QUEUE as usize);
        self.start(waiting.take());
        self.start(waiting.take());
        let take = async {
            while let Some(Ok(accepted)) = listener.accept().now_or_never() {
                self.start(Some(accepted));
            }
        };
        // The runtime would claim after some dozen that nobody waits, to let other tasks have their turn.
        tokio::task::unconstrained(take).await;
    }

    async fn drain(self) {
        let Self { closing, last_call, mut running, .. } = self;
        if all_end(&mut running, CONNECTION_GRACE).await {
            return;
        }
        closing.cancel();
        if all_end(&mut running, REQUEST_GRACE).await {
            return;
        }
        last_call.cancel();
        if !all_end(&mut running, ANSWER_GRACE).await {
            tracing::warn!(connections = running.len(), "connections are cut: their clients are too slow");
        }
    }
}

/// Lets the system end the connection once its client has said nothing to what was written for too long.
#[cfg(target_os = "linux")]
pub(super) fn limit_silence(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIMEOUT))
}

/// Other systems give up by themselves, in their own time.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit_silence(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Whether all connections end within `limit`.
async fn all_end(running: &mut JoinSet<()>, limit: Duration) -> bool {
    tokio::time::timeout(limit, async { while running.join_next().await.is_some() {} }).await.is_ok()
}

/// Serves one connection, which ends once its slot gives way and it is idle, or its client is given up.
async fn serve_connection<S>(
    connection: Connection<TokioIo<ClientStream>, S>,
    slot: &ConnectionSlot,
) -> Result<(), hyper::Error>
where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible>,
{
    let mut connection = pin!(connection);
    if let Some(ended) = slot.connection().gives_way().run_until_cancelled(connection.as_mut()).await {
        return ended;
    }
    // Reads on, for a request may have come that makes it not idle.
    if let Some(ended) = connection.as_mut().now_or_never() {
        return ended;
    }
    connection.as_mut().graceful_shutdown();
    if let Some(ended) = connection.as_mut().now_or_never() {
        return ended;
    }
    // Somebody waits for the slot, and the rest of a head may never come.
    if slot.is_idle() && !slot.is_closing() {
        return Ok(());
    }
    if let Some(ended) = slot.connection().given_up().run_until_cancelled(connection.as_mut()).await {
        return ended;
    }
    // Whoever keeps back a body gets an answer if it can be written at once.
    connection.now_or_never().unwrap_or(Ok(()))
}

async fn answer(
    router: Router,
    stop: CancellationToken,
    slot: Arc<ConnectionSlot>,
    request: Request<Body>,
) -> Result<Response<Body>, Infallible> {
    let busy = slot.begin_request();
    let mut response = router.oneshot(request).await?;
    if stop.is_cancelled() || BODY_LEFT_BEHIND.contains(&response.status()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| Body::new(Answer { body, _busy: busy })))
}

/// A body that keeps its connection busy until all of it is handed over.
struct Answer {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
