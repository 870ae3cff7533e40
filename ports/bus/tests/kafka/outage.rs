//! A broker that dies loses nothing, and events leave in order when it is back.

use clock::Sources;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::shared;

use bus::Transport;

use crate::support::{Process, fresh_prefix, kafka, noter};

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_broker_is_dead_and_flow_soon_after_it_is_back() {
    if !shared::are_wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut server = KafkaServer::start(folder.path()).await.unwrap();
    let process = Process::start(kafka(&server.brokers(), &fresh_prefix(), 3), vec![noter()]).await;
    for number in 0..20 {
        process.note(key(number), number).await;
    }
    process.wait_for_notes(20).await;

    server.kill().unwrap();
    for number in 20..40 {
        process.note(key(number), number).await;
    }
    process.wait_for_transport(|transport| matches!(transport, Transport::Away { .. })).await;
    let away = process.bus.status().await.unwrap();
    server.restart().await.unwrap();
    let back = Sources::system().now();
    process.wait_for_notes(40).await;
    let waited = Sources::system().now() - back;
    process.wait_for_transport(|transport| *transport == Transport::Up).await;

    let lags = away.topics.iter().flat_map(|topic| &topic.consumers).map(|consumer| consumer.lag);
    assert_eq!(lags.collect::<Vec<_>>(), [None], "nobody knows how far a consumer is while the broker is dead");
    assert!(waited.num_seconds() < 10, "events flow {waited} after the broker is back");
    for first in 0..5 {
        let expected: Vec<u32> = (0..40).filter(|number| number % 5 == first).collect();
        assert_eq!(process.notes_of(key(first)).await, expected);
    }
    process.stop().await;
}

fn key(number: u32) -> &'static str {
    ["a", "b", "c", "d", "e"][number as usize % 5]
}
