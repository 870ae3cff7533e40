//! Streams over real sockets: how many of one address there are, and what becomes of those that nobody reads.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use contracts::{Role, UserId};
use futures_util::stream;
use socket2::SockRef;
use tokio::net::TcpSocket;

use super::*;
use crate::testing::{RunningTasks, at_last};
use crate::{StreamEvent, StreamPart, StreamReader, StreamRequest, StreamTicket};

/// More than the buffers of any socket take.
const FLOOD: usize = 64;
const DROP_SIZE: usize = 1024 * 1024;
/// In so many polls nothing moves where nobody reads.
const STANDSTILL: usize = 20;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// A server with a stream that has much to say.
struct Site {
    app: App,
    address: SocketAddr,
    said: Arc<AtomicUsize>,
    tasks: RunningTasks,
}

impl Site {
    async fn start(limits: ConnectionLimits) -> Self {
        let said = Arc::<AtomicUsize>::default();
        let of_streams = Router::new().route("/flood", get(flood)).route("/quiet", get(quiet));
        let app = app_within(
            routes().merge(of_streams.with_state(Arc::clone(&said))),
            Router::new(),
            (REQUEST_TIMEOUT, limits.streams()),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, router) = (listener.local_addr().unwrap(), app.router.clone());
        let mut tasks = Vec::from(app.streams.tasks());
        tasks.push(crate::Task::new("server", move |stop| serve(listener, router, limits, stop)));
        Self { app, address, said, tasks: RunningTasks::start(tasks) }
    }

    /// A connection on which somebody new asks for a stream.
    async fn watch(&self, path: &str) -> TcpStream {
        let user_id = UserId(self.app.sources.uuid());
        let expires_at = self.app.sources.now() + Duration::from_secs(60);
        let reader = StreamReader { user_id, role: Role::User, session: None, expires_at };
        let ticket = serde_json::to_value(StreamTicket::for_reader(&self.app.streams, &reader)).unwrap();
        let ticket = ticket["ticket"].as_str().unwrap();
        self.send(&format!("GET {path}?ticket={ticket} HTTP/1.1\r\nhost: x\r\n\r\n")).await
    }

    async fn send(&self, request: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let mut connection = socket.connect(self.address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        connection
    }
}

async fn flood(State(said): State<Arc<AtomicUsize>>, request: StreamRequest) -> Response {
    let drops = (0..FLOOD).map(move |number| {
        said.store(number, Ordering::Relaxed);
        let data = vec![b'7'; DROP_SIZE].into();
        StreamPart::from(StreamEvent { name: "drop", id: number.to_string(), data })
    });
    request.answer(async { Ok(Some(stream::iter(drops))) }).await
}

async fn quiet(request: StreamRequest) -> Response {
    request.answer(async { Ok(Some(stream::pending())) }).await
}

/// What comes, until the text has come.
async fn read_until(connection: &mut TcpStream, text: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let count = tokio::time::timeout(Duration::from_secs(20), connection.read_buf(&mut read)).await;
        assert!(count.unwrap().unwrap() > 0, "it ended behind {}", String::from_utf8_lossy(&read));
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn streams_leave_an_address_its_connections_and_the_oldest_ends_for_another() {
    let limits = ConnectionLimits { total: 40.try_into().unwrap(), per_client: 4.try_into().unwrap(), ..limits() };
    let site = Site::start(limits).await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut connection = site.watch("/quiet").await;
        read_until(&mut connection, "retry: ").await;
        streams.push(connection);
    }

    let last = read_until(&mut streams.remove(0), "\r\n0\r\n\r\n").await;
    let mut busy = Vec::new();
    for _ in 0..4 {
        let head = "POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
        let mut connection = site.send(head).await;
        read_until(&mut connection, "HTTP/1.1 100").await;
        busy.push(connection);
    }
    let is_over = |connection: &TcpStream| !matches!(connection.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock);

    assert!(last.contains("retry: "), "{last}");
    assert_eq!(streams.iter().filter(|connection| is_over(connection)).count(), 0);
    drop((streams, busy));
    site.tasks.stop().await;
}

#[tokio::test]
async fn a_stream_that_nobody_reads_ends_soon_after_its_time() {
    // Room for one stream; and it is not the limit of writing that ends it.
    let limits = ConnectionLimits { write_timeout: Duration::from_secs(60 * 60), ..limits() };
    let site = Site::start(limits).await;
    let _unread = site.watch("/flood").await;
    let (mut before, mut polls) = (0, 0);
    at_last("nothing moves any more", async || {
        let said = site.said.load(Ordering::Relaxed);
        polls = if said == before && said > 0 { polls + 1 } else { 0 };
        before = said;
        (polls >= STANDSTILL).then_some(())
    })
    .await;

    let mut refused = site.watch("/quiet").await;
    let busy = read_until(&mut refused, "retry: ").await;
    drop(refused);
    at_last("its place is free", async || {
        site.app.clock.advance(Duration::from_secs(1));
        let mut next = site.watch("/quiet").await;
        // What ends at once has a length.
        read_until(&mut next, "retry: ").await.contains("chunked").then_some(())
    })
    .await;

    assert!(before < FLOOD - 1 && !busy.contains("chunked"), "{before} {busy}");
    site.tasks.stop().await;
}

#[tokio::test]
async fn the_system_is_to_end_connections_whose_clients_say_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();

    super::super::serve::limit_silence(&accepted).unwrap();

    let limit = SockRef::from(&accepted).tcp_user_timeout().unwrap();
    assert_eq!(limit, Some(Duration::from_secs(30)));
}
