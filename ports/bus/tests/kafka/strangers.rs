//! Members of a group that are not ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bus::Transport;
use contracts::Event as _;
use database::Connection as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use crate::support::{Noted, Process, eventually, fresh_prefix, kafka, noter, plain_client, shared};

/// A program of somebody else in a group; it leaves when it is dropped.
struct Stranger {
    is_member: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stranger {
    fn join(brokers: &str, group: &str, topic: &str) -> Self {
        let mut config = plain_client(brokers);
        config.set("group.id", group).set("client.id", "somebody-else");
        let consumer: BaseConsumer = config.create().unwrap();
        consumer.subscribe(&[topic]).unwrap();
        let (is_member, is_over) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (joined, over) = (Arc::clone(&is_member), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                drop(consumer.poll(Duration::from_millis(20)));
                joined.store(consumer.assignment().unwrap().count() > 0, Ordering::Release);
            }
        });
        Self { is_member, is_over, thread: Some(thread) }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        self.thread.take().unwrap().join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_consumer_names_who_keeps_its_group_and_goes_on_once_that_has_left() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let kafka = kafka(&brokers, &prefix, 1);
    let before = Process::start(kafka.clone(), vec![noter()]).await;
    before.note("a", 1).await;
    before.wait_for_notes(1).await;
    let before = before.idle().await.stop().await;
    let tx = before.database.begin_write().await.unwrap();
    tx.execute_unprepared("UPDATE bus_position SET origin = 'elsewhere' WHERE consumer = 'noter'").await.unwrap();
    tx.commit().await.unwrap();
    let stranger = Stranger::join(&brokers, &format!("{prefix}noter"), &format!("{prefix}{}", Noted::TOPIC));
    eventually(async || stranger.is_member.load(Ordering::Acquire)).await;

    let restored = Process::beside(&before, kafka, vec![noter()]).await;
    let names_him = |transport: &Transport| matches!(transport, Transport::Flawed(flaw) if flaw.contains("can't be taken back") && flaw.contains("; stop somebody-else at /"));
    restored.wait_for_transport(names_him).await;
    restored.note("a", 2).await;
    let meanwhile = restored.notes_of("a").await;
    drop(stranger);
    restored.wait_for_notes(2).await;

    assert_eq!((meanwhile, restored.notes_of("a").await), (vec![1], vec![1, 2]));
    restored.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_somebody_else_in_a_group_is_reported_and_a_replica_is_not() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let described = |instance: &str| {
        // More partitions than members: whoever stands in the group has one.
        let mut kafka = kafka(&brokers, &prefix, 8);
        kafka.instance = instance.to_owned();
        kafka
    };
    let first = Process::start(described("first"), vec![noter()]).await;
    first.note("a", 1).await;
    first.wait_for_notes(1).await;
    let replica = Process::beside(&first, described("replica"), vec![noter()]).await;
    let stranger = Stranger::join(&brokers, &format!("{prefix}noter"), &format!("{prefix}{}", Noted::TOPIC));
    eventually(async || stranger.is_member.load(Ordering::Acquire)).await;

    let beside = Process::beside(&first, described("third"), vec![noter()]).await;
    let flawed = beside.wait_for_transport(|transport| matches!(transport, Transport::Flawed(_))).await;

    let Transport::Flawed(reason) = flawed else { panic!("{flawed:?}") };
    assert!(reason.contains("somebody-else at /") && reason.contains(&format!("{prefix}noter")), "{reason}");
    assert!(!reason.contains("lezzetlimani"), "{reason}");
    drop(stranger);
    for process in [first, replica, beside] {
        process.stop().await;
    }
}
