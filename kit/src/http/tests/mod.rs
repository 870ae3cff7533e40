//! The stack around a router of three routes, and the loop that serves it, over real sockets.

mod bodies;
mod crowds;
mod log_lines;
mod refusals;
#[cfg(feature = "testing")]
mod streams;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bus::TraceParent;
use clock::{ManualClock, SeededRandom};
use database::Vault;
use ephemeral::Embedded;
use http_body_util::BodyExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::*;
use crate::access::TokenKeys;
use crate::{Caller, Field, Form, Json, Problem, StreamLimits, required_fields};

struct App {
    router: Router,
    streams: EventStreams,
    clock: ManualClock,
    sources: Sources,
    _folder: TempDir,
}

fn app(routes: Router) -> App {
    app_within(routes, Router::new(), (Duration::from_secs(60), limits().streams()))
}

fn app_with_request_timeout(routes: Router, request_timeout: Duration) -> App {
    app_within(routes, Router::new(), (request_timeout, limits().streams()))
}

fn app_with_pages(routes: Router, pages: Router) -> App {
    app_within(routes, pages, (Duration::from_secs(60), limits().streams()))
}

fn app_within(routes: Router, pages: Router, (request_timeout, streams): (Duration, StreamLimits)) -> App {
    let folder = TempDir::new().unwrap();
    let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH);
    let sources = Sources::new(clock.clone(), SeededRandom::new(1));
    let store = Embedded::open(folder.path(), sources.clone()).unwrap();
    let guard = Guard::new(Arc::new(store), sources.clone(), &TokenKeys::Published);
    let streams = EventStreams::new(streams, guard.clone(), sources.clone(), Vault::new(b"a root key"));
    let stack = Stack {
        streams: streams.clone(),
        guard,
        sources: sources.clone(),
        proxies: TrustedProxies(["10.0.0.0/8".parse().unwrap()].into()),
        origins: vec![HeaderValue::from_static("http://localhost:5173")],
        request_timeout,
    };
    App { router: wrap(routes, pages, dress, stack), streams, clock, sources, _folder: folder }
}

/// As pages say their problems here: by the code alone.
fn dress(pages: Router) -> Router {
    pages.layer(from_fn(async |request, next: axum::middleware::Next| {
        let mut response = next.run(request).await;
        match Problem::take(&mut response) {
            Some(problem) => (problem.status(), problem.code()).into_response(),
            None => response,
        }
    }))
}

/// So few connections that two of them are a crowd.
fn limits() -> ConnectionLimits {
    ConnectionLimits {
        total: 2.try_into().unwrap(),
        per_client: 2.try_into().unwrap(),
        write_timeout: Duration::from_millis(100),
        proxies: TrustedProxies::default(),
    }
}

fn routes() -> Router {
    Router::new()
        .route(
            "/trace",
            get(|| async { TraceParent::current().map(|trace| trace.as_str().to_owned()).unwrap_or_default() }),
        )
        .route("/cached", get(|| async { ([("cache-control", "max-age=60")], "") }))
        .route("/panic", get(|| async { panic!("on purpose") as () }))
        .route("/forever", get(std::future::pending::<()>))
        .route("/body", post(|Json(_): Json<serde_json::Value>| async {}))
        .route("/form", post(|_: Form<serde_json::Value>| async {}))
        .route("/named/{name}", get(|| async {}))
        .route("/fields", post(|Json(fields): Json<Fields>| async { fields.check() }))
        .route("/signed-in", get(|_: Caller| async {}))
}

#[derive(serde::Deserialize)]
struct Fields {
    #[serde(default)]
    first: Field<bool>,
    #[serde(default)]
    second: Field<bool>,
    #[serde(default)]
    third: Field<bool>,
}

impl Fields {
    fn check(self) -> Result<(), Problem> {
        let (_, _, _) = required_fields!(self => first, second, third)?;
        Ok(())
    }
}

impl App {
    async fn ask(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost")
}

fn plain(method: &str, path: &str) -> Request<Body> {
    request(method, path).body(Body::empty()).unwrap()
}

async fn problem(response: Response) -> (StatusCode, HeaderMap, serde_json::Value) {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_request_keeps_a_harmless_id_and_gets_another_one_for_any_other() {
    let app = app(routes());
    let answered = async |id: &str| {
        let response = app.ask(request("GET", "/cached").header("x-request-id", id).body(Body::empty()).unwrap()).await;
        response.headers()["x-request-id"].to_str().unwrap().to_owned()
    };

    assert_eq!(answered("gateway-1.a_B").await, "gateway-1.a_B");
    for harmful in ["", "a b", "a\tb", "{}", &"a".repeat(65)] {
        let id = answered(harmful).await;
        assert!(id.parse::<uuid::Uuid>().is_ok(), "{harmful:?} became {id:?}");
    }
}

#[tokio::test]
async fn a_request_runs_within_its_clients_trace_or_a_new_one() {
    let app = app(routes());
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let seen = async |header: &str| {
        let response =
            app.ask(request("GET", "/trace").header("traceparent", header).body(Body::empty()).unwrap()).await;
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    };

    assert_eq!(seen(parent).await, parent);
    assert!(TraceParent::parse(&seen("00-broken").await).is_some());
}

#[tokio::test]
async fn what_the_router_refuses_is_a_problem_with_all_headers() {
    let app = app(routes());

    let (unknown, headers, body) = problem(app.ask(plain("GET", "/nowhere?token=secret")).await).await;
    let (wrong, wrong_headers, _) = problem(app.ask(plain("DELETE", "/body")).await).await;

    assert_eq!(
        (unknown, &body["code"], &body["instance"]),
        (StatusCode::NOT_FOUND, &"NOT_FOUND".into(), &"/nowhere".into())
    );
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["x-frame-options"], "DENY");
    assert_eq!((wrong, &wrong_headers["allow"]), (StatusCode::METHOD_NOT_ALLOWED, &HeaderValue::from_static("POST")));
}

#[tokio::test]
async fn a_route_may_choose_its_own_caching() {
    let app = app(routes());

    let response = app.ask(plain("GET", "/cached")).await;

    assert_eq!(response.headers()["cache-control"], "max-age=60");
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let app = app(routes());

    let (status, _, body) = problem(app.ask(plain("GET", "/panic")).await).await;

    assert_eq!((status, &body["code"]), (StatusCode::INTERNAL_SERVER_ERROR, &"INTERNAL_ERROR".into()));
    assert!(!body.to_string().contains("purpose"));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_a_503_that_says_when_to_come_back() {
    let app = app_with_request_timeout(routes(), Duration::from_millis(10));

    let (status, headers, body) = problem(app.ask(plain("GET", "/forever")).await).await;

    assert_eq!((status, &body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"UNAVAILABLE".into()));
    assert_eq!(headers["retry-after"], "1");
}

#[tokio::test]
async fn only_listed_origins_may_call_with_credentials_and_errors_say_so_too() {
    let app = app(routes());
    let from = |origin: &str| request("GET", "/nowhere").header("origin", origin).body(Body::empty()).unwrap();
    let preflight = request("OPTIONS", "/body")
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,idempotency-key")
        .body(Body::empty())
        .unwrap();

    let known = app.ask(from("http://localhost:5173")).await;
    let stranger = app.ask(from("http://localhost:51730")).await;
    let preflight = app.ask(preflight).await;

    assert_eq!(known.headers()["access-control-allow-origin"], "http://localhost:5173");
    assert_eq!(known.headers()["access-control-allow-credentials"], "true");
    assert!(!stranger.headers().contains_key("access-control-allow-origin"));
    assert_eq!(preflight.status(), StatusCode::OK);
    assert!(preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("idempotency-key"));
}

#[tokio::test]
async fn browsers_are_asked_to_stay_with_tls_only_where_a_trusted_proxy_ends_it() {
    let app = app(routes());
    let from = |peer: &str, scheme: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        request("GET", "/cached")
            .header("x-forwarded-proto", scheme)
            .extension(ConnectInfo(peer))
            .body(Body::empty())
            .unwrap()
    };
    let has_header = async |request| app.ask(request).await.headers().contains_key("strict-transport-security");

    assert!(has_header(from("10.0.0.1:1", "https")).await);
    assert!(!has_header(from("10.0.0.1:1", "http")).await);
    assert!(!has_header(from("203.0.113.1:1", "https")).await);
}

#[tokio::test]
async fn a_stopping_server_answers_what_it_accepted_and_takes_nothing_new() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (at_door, at_exit) = (Arc::clone(&entered), Arc::clone(&leave));
    let slow = get(move || async move {
        at_door.notify_one();
        at_exit.notified().await;
        "done"
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = serve(listener, Router::new().route("/slow", slow), limits(), stop.clone());
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        entered.notified().await;

        stop.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        leave.notify_one();

        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };

    let ((), answer) = tokio::join!(server, client);

    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("done"), "{answer}");
}

#[tokio::test]
async fn a_request_on_an_open_connection_is_answered_while_the_server_stops_and_is_its_last() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = serve(listener, router, limits(), stop.clone());
    let client = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /cached HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut first = [0; 4096];
        assert!(stream.read(&mut first).await.unwrap() > 0);

        stop.cancel();
        stream.write_all(request).await.unwrap();
        let mut last = String::new();
        stream.read_to_string(&mut last).await.unwrap();
        last
    };

    let ((), last) = tokio::join!(server, client);

    assert!(last.starts_with("HTTP/1.1 200 OK") && last.contains("connection: close"), "{last}");
}

#[tokio::test]
async fn a_request_that_a_stopping_server_cannot_wait_for_is_a_503() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let stop = CancellationToken::new();
    stream.write_all(b"GET /forever HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();

    stop.cancel();
    serve(listener, router, limits(), stop).await;

    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
}

#[tokio::test]
async fn everybody_who_waits_to_be_taken_in_is_answered_by_a_server_that_stops() {
    let App { router, _folder, .. } = app(routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let mut waiting = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /cached HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        waiting.push(stream);
    }

    stop.cancel();
    serve(listener, router, limits(), stop).await;

    for (number, mut stream) in waiting.into_iter().enumerate() {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap_or_else(|error| panic!("client {number}: {error}"));
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "client {number}: {answer}");
    }
}

#[tokio::test]
async fn pages_have_the_limits_of_the_api_and_neither_its_cors_nor_its_problems() {
    let pages = Router::new().route("/page", get(async || "").post(async || panic!("on purpose") as ()));
    let app = app_with_pages(routes(), pages);
    let from_front_end = |method, path| {
        let request = request(method, path).header("origin", "http://localhost:5173");
        app.ask(request.body(Body::empty()).unwrap())
    };
    let text = async |response: Response| response.into_body().collect().await.unwrap().to_bytes();

    let (page, api) = (from_front_end("GET", "/page").await, from_front_end("GET", "/cached").await);
    let panicked = from_front_end("POST", "/page").await;
    let wrong_method = app.ask(plain("PUT", "/page")).await;
    let nowhere = app.ask(plain("GET", "/nowhere")).await;

    assert!(page.headers().get("access-control-allow-origin").is_none() && page.headers().contains_key("x-request-id"));
    assert!(api.headers().contains_key("access-control-allow-origin"));
    assert_eq!((panicked.status().as_u16(), text(panicked).await), (500, "INTERNAL_ERROR".into()));
    assert_eq!((wrong_method.status().as_u16(), text(wrong_method).await), (405, "METHOD_NOT_ALLOWED".into()));
    assert_eq!(problem(nowhere).await.2["code"], "NOT_FOUND");
}
