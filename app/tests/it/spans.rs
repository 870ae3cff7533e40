//! What a collector of spans gets from the built program.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use testkit::Server;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::http_client;

/// A trace and a span of it, as another program would begin them.
const TRACE: [u8; 16] = *b"\x4b\xf9\x2f\x35\x77\xb3\x4d\xa6\xa3\xce\x92\x9d\x0e\x0e\x47\x36";
const PARENT: [u8; 8] = *b"\x00\xf0\x67\xaa\x0b\xa9\x02\xb7";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_collector_gets_the_request_and_the_event_that_follows_from_it_as_one_trace() {
    let (collector, mut exports, _running) = collector().await;
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_lezzetlimani"));
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str())];
    let mut server = Server::new(program, &folder.path().join("data"), &environment).unwrap();
    server.start().await.unwrap();

    let registration = json!({ "email": "ayse@example.com", "password": "bir liman akşamı" });
    let request = http_client().post(server.url("/auth/register")).json(&registration);
    let answer = request.header("traceparent", TRACEPARENT).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    tokio::time::timeout(TIMEOUT, mail(&server)).await.unwrap();
    server.stop().await.unwrap();
    exports.close();

    let mut spans = Vec::new();
    while let Some(export) = exports.recv().await {
        spans.extend(spans_of(export));
    }
    let trace: Vec<&Span> = spans.iter().filter(|span| span.trace_id == TRACE).collect();
    let named =
        |name: &str| trace.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} in {trace:?}"));
    assert_eq!(named("request").parent_span_id, PARENT);
    assert_eq!(named("event").parent_span_id, named("request").span_id);
}

/// Returns when the mail that the event asks for is there.
async fn mail(server: &Server) {
    let (client, mails) = (http_client(), server.url("/mailbox/messages"));
    while client.get(&mails).send().await.unwrap().text().await.unwrap() == "[]" {}
}

fn spans_of(export: Bytes) -> Vec<Span> {
    let export = ExportTraceServiceRequest::decode(export).unwrap();
    let scopes = export.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// A collector that keeps what it gets.
async fn collector() -> (String, mpsc::UnboundedReceiver<Bytes>, JoinSet<()>) {
    let (kept, exports) = mpsc::unbounded_channel();
    // Nobody asks for what comes after the test has seen enough.
    let take = post(move |body: Bytes| async move { drop(kept.send(body)) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut running = JoinSet::new();
    running.spawn(async move { axum::serve(listener, Router::new().route("/v1/traces", take)).await.unwrap() });
    (format!("http://{address}"), exports, running)
}
