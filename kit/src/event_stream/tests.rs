//! Streams behind one route, which say what they are given.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use contracts::SessionId;
use futures_util::stream;
use tokio::sync::mpsc;

use super::streams::EventStreams;
use super::*;
use crate::Caller;
use crate::access::{Guard, Revocation, TokenKeys};
use crate::testing::{Ask, Client, Engine, EventReader, ReadEvent, RunningTasks, TestPorts};

/// What comes through a channel.
fn receive(events: mpsc::Receiver<StreamPart>) -> impl Stream<Item = StreamPart> + Send + 'static {
    stream::unfold(events, |mut events| async move { events.recv().await.map(|event| (event, events)) })
}

/// A process with a route that streams.
struct Fixture {
    ports: TestPorts,
    client: Client,
    route: Arc<Route>,
}

#[derive(Default)]
struct Route {
    /// What the next stream says, or why there is none.
    next: Mutex<Option<Result<mpsc::Receiver<StreamPart>, Problem>>>,
    /// Who opened a stream last, behind which event.
    opened: Mutex<Option<(Option<SessionId>, Option<String>)>>,
}

impl Fixture {
    async fn start() -> Self {
        let ports = TestPorts::fresh(Engine::Sqlite, &[]).await.unwrap().beside_auth().await;
        let route = Arc::new(Route::default());
        let routes = Router::new().route("/watch", get(watch)).route("/ticket", post(give_ticket));
        let client = Client::anonymous(routes.with_state(Arc::clone(&route)), &ports.context);
        Self { client, ports, route }
    }

    fn ayse(&self) -> Client {
        self.client.user(self.ports.new_user())
    }

    /// Lets the next stream say what is sent.
    fn next_stream(&self) -> mpsc::Sender<StreamPart> {
        let (sender, receiver) = mpsc::channel(8);
        *self.route.next.lock().unwrap() = Some(Ok(receiver));
        sender
    }

    async fn open(&self, client: &Client, path: &str) -> (mpsc::Sender<StreamPart>, EventReader) {
        let sender = self.next_stream();
        let mut reader = client.open(Ask::get(path)).await.unwrap();
        assert!(reader.next().await.unwrap().text.starts_with("retry: "));
        (sender, reader)
    }

    fn opened(&self) -> (Option<SessionId>, Option<String>) {
        self.route.opened.lock().unwrap().clone().unwrap()
    }
}

async fn watch(State(route): State<Arc<Route>>, request: StreamRequest) -> Response {
    *route.opened.lock().unwrap() = Some((request.reader.session, request.last_event_id.clone()));
    let next = route.next.lock().unwrap().take();
    request.answer(async { next.transpose().map(|events| events.map(receive)) }).await
}

async fn give_ticket(streams: axum::Extension<EventStreams>, caller: Caller) -> axum::Json<StreamTicket> {
    axum::Json(StreamTicket::for_reader(&streams, &StreamReader::from(&caller)))
}

fn event(id: &str) -> StreamPart {
    StreamEvent { name: "order", id: id.to_owned(), data: "{\"a\":1}".into() }.into()
}

#[tokio::test]
async fn events_come_as_they_are_said_and_the_stream_ends_with_them() {
    let fixture = Fixture::start().await;
    let (events, mut reader) = fixture.open(&fixture.ayse(), "/watch").await;

    events.send(event("7")).await.unwrap();
    let first = reader.next().await.unwrap();
    drop(events);

    assert_eq!(first.text, "event: order\nid: 7\ndata: {\"a\":1}");
    assert_eq!(reader.next().await, None);
}

#[tokio::test]
async fn a_stream_is_stored_and_changed_and_held_back_by_nobody() {
    let fixture = Fixture::start().await;
    let events = fixture.next_stream();
    drop(events);

    let answer = fixture.ayse().get("/watch").await;

    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert_eq!(answer.headers["cache-control"], "no-store, no-transform");
    assert_eq!(answer.headers["x-accel-buffering"], "no");
    let retry: u64 = answer.text.trim().strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((2_000..=4_000).contains(&retry), "{retry}");
}

#[tokio::test]
async fn a_silent_stream_says_that_it_stands() {
    let fixture = Fixture::start().await;
    let (_events, mut reader) = fixture.open(&fixture.ayse(), "/watch").await;

    // The stream waits as soon as it is polled, and that lasts until its time has come.
    let (said, ()) = tokio::join!(reader.next(), async { fixture.ports.clock.advance(Duration::from_secs(15)) });

    assert_eq!(said.unwrap().text, ": hb");
}

#[tokio::test]
async fn an_event_in_parts_is_one_event_and_nothing_is_said_within_it() {
    let fixture = Fixture::start().await;
    let (events, mut reader) = fixture.open(&fixture.ayse(), "/watch").await;
    let part = |text: &'static str| Bytes::from_static(text.as_bytes());

    events.send(StreamPart::First { name: "snapshot", data: part("{\"all\":[") }).await.unwrap();
    assert_eq!(reader.next_bytes().await.unwrap(), "event: snapshot\ndata: {\"all\":[");
    let (next, ()) = tokio::join!(reader.next_bytes(), async {
        // A heartbeat would be due.
        fixture.ports.clock.advance(Duration::from_secs(20));
        tokio::task::yield_now().await;
        events.send(StreamPart::Next(part("7,"))).await.unwrap();
    });
    events.send(StreamPart::Last { id: "a".to_owned(), data: part("8]}") }).await.unwrap();
    let last = reader.next_bytes().await.unwrap();

    assert_eq!((next.unwrap().as_ref(), last.as_ref()), (&b"7,"[..], &b"8]}\nid: a\n\n"[..]));
}

#[tokio::test]
async fn a_stream_that_ends_within_an_event_leaves_it_incomplete() {
    let fixture = Fixture::start().await;
    let (events, mut reader) = fixture.open(&fixture.ayse(), "/watch").await;
    events.send(StreamPart::First { name: "snapshot", data: Bytes::from_static(b"[") }).await.unwrap();
    reader.next_bytes().await.unwrap();

    let (said, ()) =
        tokio::join!(reader.next_bytes(), async { fixture.ports.clock.advance(Duration::from_secs(31 * 60)) });

    assert_eq!(said, None);
}

#[tokio::test]
async fn what_a_client_has_seen_comes_in_a_header_or_in_the_query() {
    let fixture = Fixture::start().await;
    let ayse = fixture.ayse();
    let mut seen = Vec::new();

    for (path, header) in [("/watch?last_event_id=a", None), ("/watch?last_event_id=a", Some("b")), ("/watch", None)] {
        let ask = Ask::get(path);
        let ask = match header {
            Some(id) => ask.header("last-event-id", id),
            None => ask,
        };
        assert_eq!(ayse.send(ask).await.status, 204);
        seen.push(fixture.opened().1);
    }

    assert_eq!(seen, [Some("a".to_owned()), Some("b".to_owned()), None]);
}

#[tokio::test]
async fn a_refusal_is_final_and_a_passing_trouble_is_a_stream_that_says_when_to_come_again() {
    let fixture = Fixture::start().await;
    let ayse = fixture.ayse();
    let next = |problem| *fixture.route.next.lock().unwrap() = Some(Err(problem));

    let nobody = fixture.client.get("/watch").await;
    next(Problem::not_found("NOT_FOUND", "yok", "no"));
    let missing = ayse.get("/watch").await;
    next(Problem::unavailable());
    let passing = ayse.get("/watch").await;

    assert_eq!((nobody.status, missing.status, passing.status), (401, 404, 200));
    let retry: u64 = passing.text.trim().strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((5_000..=30_000).contains(&retry), "{retry}");
}

#[tokio::test]
async fn a_user_has_twenty_streams_and_the_oldest_ends_for_another() {
    let fixture = Fixture::start().await;
    let (ayse, mehmet) = (fixture.ayse(), fixture.ayse());
    let (_of_mehmet, mut of_mehmet) = fixture.open(&mehmet, "/watch").await;
    let (_oldest, mut oldest) = fixture.open(&ayse, "/watch").await;
    let mut others = Vec::new();
    for _ in 0..PER_USER {
        others.push(fixture.open(&ayse, "/watch").await);
    }

    let (last, end) = (oldest.next().await.unwrap(), oldest.next().await);
    let (events, second) = &mut others[0];
    events.send(event("7")).await.unwrap();

    assert!(last.text.starts_with("retry: ") && end.is_none(), "{last:?}");
    assert_eq!(second.next().await.unwrap().id, "7");
    let (silent, ()) = tokio::join!(of_mehmet.next(), async { fixture.ports.clock.advance(Duration::from_secs(15)) });
    assert_eq!(silent.unwrap().text, ": hb");
}

#[tokio::test]
async fn a_process_has_as_many_streams_as_it_has_room_for() {
    let ports = TestPorts::fresh(Engine::Sqlite, &[]).await.unwrap().beside_auth().await;
    let context = &ports.context;
    let guard = Guard::new(context.ephemeral.clone(), context.sources.clone(), &TokenKeys::Published);
    let vault = context.database.vault().clone();
    let limits = StreamLimits { total: NonZeroU32::MIN, per_client: NonZeroU32::MIN };
    let streams = EventStreams::new(limits, guard, context.sources.clone(), vault);
    let reader = |user_id| StreamReader {
        user_id,
        role: contracts::Role::User,
        session: None,
        expires_at: context.now() + Duration::from_secs(600),
    };

    let asked = || Asked { client: None, connection: Connection::default() };

    let first = streams.open(&reader(ports.new_user()), asked());
    let second = streams.open(&reader(ports.new_user()), asked());
    drop(first);
    let third = streams.open(&reader(ports.new_user()), asked());

    assert!(second.is_none() && third.is_some());
}

#[tokio::test]
async fn a_stream_ends_with_the_session_of_who_watches_and_with_no_other() {
    let fixture = Fixture::start().await;
    let streams = fixture.client.streams().clone();
    let following = RunningTasks::start(streams.tasks().into());
    let (_of_ayse, mut ayse) = fixture.open(&fixture.ayse(), "/watch").await;
    let session = fixture.opened().0.unwrap();
    let (of_mehmet, mut mehmet) = fixture.open(&fixture.ayse(), "/watch").await;

    let until = fixture.ports.context.now() + Duration::from_secs(60);
    streams.guard().revoke(Revocation { session, until }).await.unwrap();
    let last = ayse.next().await.unwrap();
    of_mehmet.send(event("7")).await.unwrap();

    assert_eq!((last.name.as_str(), ayse.next().await), ("expired", None));
    assert_eq!(mehmet.next().await.unwrap().id, "7");
    following.stop().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_server_stops_and_none_begins_any_more() {
    let fixture = Fixture::start().await;
    let ayse = fixture.ayse();
    let (_events, mut reader) = fixture.open(&ayse, "/watch").await;

    fixture.client.streams().stop();
    let _unused = fixture.next_stream();
    let later = ayse.get("/watch").await;

    assert_eq!(reader.next().await, None);
    assert!(later.status == 200 && later.text.starts_with("retry: "), "{}", later.text);
}

#[tokio::test]
async fn a_ticket_opens_streams_until_it_expires_and_they_end_with_it() {
    let fixture = Fixture::start().await;
    let ayse = fixture.ayse();
    let given = ayse.post("/ticket", serde_json::json!({})).await.json();
    let path = format!("/watch?ticket={}", given["ticket"].as_str().unwrap());

    let (events, mut reader) = fixture.open(&fixture.client, &path).await;
    events.send(event("7")).await.unwrap();
    let first = reader.next().await.unwrap();
    let by_ticket = fixture.opened().0;
    assert_eq!(fixture.client.get(&path).await.status, 204);
    let (last, ()) = tokio::join!(reader.next(), async { fixture.ports.clock.advance(Duration::from_secs(31 * 60)) });
    let (ended, still_good) = (reader.next().await, fixture.client.get(&path).await.status);
    fixture.ports.clock.advance(Duration::from_secs(31 * 24 * 60 * 60));

    assert!(by_ticket.is_some());
    assert_eq!((first.id.as_str(), last.unwrap().name.as_str(), ended), ("7", "expired", None::<ReadEvent>));
    assert_eq!((still_good, fixture.client.get(&path).await.status), (204, 401));
}

#[tokio::test]
async fn a_ticket_that_was_changed_or_whose_session_has_ended_opens_nothing() {
    let fixture = Fixture::start().await;
    let ayse = fixture.ayse();
    let given = ayse.post("/ticket", serde_json::json!({})).await.json();
    let ticket = given["ticket"].as_str().unwrap();
    let path = format!("/watch?ticket={ticket}");
    fixture.client.get(&path).await;
    let session = fixture.opened().0.unwrap();

    let (cut, long) = (format!("/watch?ticket={}", &ticket[1..]), format!("/watch?ticket={}", "a".repeat(5_000)));
    let changed = [fixture.client.get(&cut).await.status, fixture.client.get(&long).await.status];
    let until = fixture.ports.context.now() + Duration::from_secs(60);
    fixture.client.streams().guard().revoke(Revocation { session, until }).await.unwrap();

    assert_eq!(changed, [401, 401]);
    assert_eq!(fixture.client.get(&path).await.status, 401);
}
