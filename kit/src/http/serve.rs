//! The loop that takes connections in, and lets them end when the platform stops.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long a client may take to send a request's head, and keep an idle connection.
const HEAD_LIMIT: Duration = Duration::from_secs(15);
/// How long accepted requests may take to end once the platform stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(4);
/// How long a stopping server still waits for requests on connections that are open. Under load each connection sends one
/// in that time and is told to close; an answer would be lost if it closed while the next request is on its way.
const LAST_REQUESTS: Duration = Duration::from_millis(250);
/// Connections at a time. Beyond, clients wait in the system's queue; the stores need file handles too, of which a
/// process has 1024 where nobody changed that.
const MOST_CONNECTIONS: usize = 768;
/// How long accepting pauses after the system refused a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until `stop`, then answers what it accepted, for at most four seconds.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let mut connections = Connections::new(router, stop.clone());
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_ended) = connections.running.join_next() => {}
            accepted = accept(&listener, &connections.slots) => match accepted {
                Ok(accepted) => connections.start(accepted),
                Err(error) => {
                    tracing::error!(%error, "a connection can't be accepted");
                    // The error stays for as long as its cause, such as a lack of file handles.
                    let _stopped_early = tokio::time::timeout(PAUSE, stop.cancelled()).await;
                }
            },
        }
    }
    connections.take_waiting(&listener).await;
    drop(listener);
    connections.drain().await;
}

struct Accepted {
    stream: TcpStream,
    peer: SocketAddr,
    slot: OwnedSemaphorePermit,
}

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> std::io::Result<Accepted> {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    let (stream, peer) = listener.accept().await?;
    Ok(Accepted { stream, peer, slot })
}

struct Connections {
    router: Router,
    stop: CancellationToken,
    slots: Arc<Semaphore>,
    running: JoinSet<()>,
    graceful: GracefulShutdown,
    http: http1::Builder,
}

impl Connections {
    fn new(router: Router, stop: CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
        let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        Self { router, stop, slots, running: JoinSet::new(), graceful: GracefulShutdown::new(), http }
    }

    fn start(&mut self, Accepted { stream, peer, slot }: Accepted) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection ended before it began");
            return;
        }
        let (router, stop) = (self.router.clone(), self.stop.clone());
        let service = service_fn(move |request| answer(router.clone(), stop.clone(), peer, request));
        let connection = self.graceful.watch(self.http.serve_connection(TokioIo::new(stream), service));
        self.running.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(slot);
        });
    }

    /// Connections that the system accepted for us already, but we did not take in yet.
    async fn take_waiting(&mut self, listener: &TcpListener) {
        // Lets the runtime hear of the latest ones.
        tokio::task::yield_now().await;
        while let Some(Ok(accepted)) = accept(listener, &self.slots).now_or_never() {
            self.start(accepted);
        }
    }

    async fn drain(self) {
        let Self { graceful, mut running, .. } = self;
        let all_ended = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_REQUESTS, all_ended).await.is_ok() {
            return;
        }
        if tokio::time::timeout(DRAIN_LIMIT, graceful.shutdown()).await.is_err() {
            tracing::warn!(connections = running.len(), "connections are cut: their requests did not end in time");
        }
    }
}

async fn answer(
    router: Router,
    stop: CancellationToken,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    if stop.is_cancelled() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
