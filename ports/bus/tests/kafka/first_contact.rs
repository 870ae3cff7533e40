//! A batch that is refused for a moment, while a partition does not know yet who writes to it.

use std::time::Duration;

use testkit::servers::kafka::KafkaServer;
use testkit::servers::shared;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::{Noted, Process, fresh_prefix, kafka, noter};

/// How many events follow the one that is refused.
const FOLLOWERS: u32 = 6;
/// Stands in the one that is refused.
const MARK: &[u8] = b"MMMMMMMM";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_for_a_moment_stands_once_and_before_what_followed_it() {
    if !shared::are_wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let proxy = SpoilingProxy::bind().await;
    let server = KafkaServer::start_behind(folder.path(), Some(proxy.port)).await.unwrap();
    let proxy = proxy.start(server.port());
    let brokers = format!("127.0.0.1:{}", proxy.port);
    let process = Process::start(kafka(&brokers, &fresh_prefix(), 2), vec![noter()]).await;
    let [here, there] = keys_of_two_partitions();
    // The producer is connected and knows the topic, and one partition of it knows the producer.
    process.note(&here, 0).await;
    process.wait_for_notes(1).await;

    process.record(&Noted { padding: String::from_utf8_lossy(MARK).into_owned(), ..Noted::new(&there, 1) }).await;
    proxy.wait_until_it_holds(1).await;
    for number in 2..=1 + FOLLOWERS {
        process.note(&there, number).await;
    }
    // A producer that sends them now needs less; for one that does not, this is in vain.
    let _ = tokio::time::timeout(Duration::from_millis(500), proxy.wait_until_it_holds(3)).await;
    proxy.go_on();

    process.wait_for_notes(2 + FOLLOWERS as usize).await;
    assert_eq!(process.notes_of(&there).await, (1..=1 + FOLLOWERS).collect::<Vec<_>>());
    process.stop().await;
}

fn keys_of_two_partitions() -> [String; 2] {
    let partition = |key: &String| murmur2::murmur2(key.as_bytes(), murmur2::KAFKA_SEED) & 0x7fff_ffff & 1;
    let mut keys = (0..).map(|number: u32| number.to_string());
    [0, 1].map(|wanted| keys.find(|key| partition(key) == wanted).unwrap())
}

/// Passes on what clients send to Kafka, but spoils the first batch that has the mark, which Kafka therefore asks to be sent
/// again. It is held until the test lets it go on, with whatever comes behind it.
struct SpoilingProxy {
    port: u16,
    /// How many reads of a connection are held.
    held: watch::Sender<usize>,
    goes_on: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

struct Bound {
    port: u16,
    listener: TcpListener,
}

impl SpoilingProxy {
    async fn bind() -> Bound {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Bound { port: listener.local_addr().unwrap().port(), listener }
    }

    async fn wait_until_it_holds(&self, count: usize) {
        self.held.subscribe().wait_for(|held| *held >= count).await.unwrap();
    }

    fn go_on(&self) {
        self.goes_on.send_replace(true);
    }
}

impl Bound {
    fn start(self, target: u16) -> SpoilingProxy {
        let (held, goes_on, mut tasks) = (watch::Sender::new(0), watch::Sender::new(false), JoinSet::new());
        let signals = (held.clone(), goes_on.clone());
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = self.listener.accept().await {
                connections.spawn(pass_on(client, target, signals.clone()));
            }
        });
        SpoilingProxy { port: self.port, held, goes_on, _tasks: tasks }
    }
}

async fn pass_on(client: TcpStream, target: u16, (held, goes_on): (watch::Sender<usize>, watch::Sender<bool>)) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let requests = async {
        let (mut bytes, mut goes_on) = (vec![0; 64 * 1024], goes_on.subscribe());
        while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
            let mut sent = bytes[..count].to_vec();
            let mark = sent.windows(MARK.len()).position(|window| window == MARK);
            if let Some(at) = mark.filter(|_| !*goes_on.borrow()) {
                sent[at] = b'?';
                held.send_replace(1);
                while !*goes_on.borrow() {
                    tokio::select! {
                        _ = goes_on.changed() => {}
                        Ok(count @ 1..) = from_client.read(&mut bytes) => {
                            sent.extend_from_slice(&bytes[..count]);
                            held.send_modify(|held| *held += 1);
                        }
                    }
                }
            }
            if to_server.write_all(&sent).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = requests => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}
