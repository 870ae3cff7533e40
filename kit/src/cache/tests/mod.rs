//! What a reader through a cache can rely on.

mod interleavings;
mod stepped;

use std::convert::Infallible;
use std::future::ready;
use std::sync::atomic::{AtomicU32, Ordering};

use clock::{ManualClock, SeededRandom, Timestamp};
use ephemeral::redis::{Node, Topology};
use ephemeral::{Absent, Embedded, Redis};
use futures_util::future::join_all;
use tempfile::TempDir;
use testkit::Counters;
use testkit::servers::redis::{RedisDoor, RedisServer};
use tokio::sync::{Notify, Semaphore};

use super::*;

fn sources() -> (Sources, ManualClock) {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    (Sources::new(clock.clone(), SeededRandom::new(1)), clock)
}

fn embedded() -> (Arc<dyn EphemeralStore>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Embedded::open(folder.path(), sources().0).unwrap();
    (Arc::new(store), folder)
}

/// A server that keeps nothing on its disk.
async fn start_redis() -> (Arc<dyn EphemeralStore>, RedisServer) {
    let server = RedisServer::start_with(RedisDoor::Open, "appendonly no\n").await.unwrap();
    let node = Node { host: "127.0.0.1".to_owned(), port: server.port() };
    let topology = Topology::Single(node);
    let command_timeout = Duration::from_secs(20);
    let address = ephemeral::RedisServer { topology, credentials: None, database: 0, tls: None, command_timeout };
    (Arc::new(Redis::open(&address, Sources::system()).await.unwrap()), server)
}

fn cache<E>(store: Arc<dyn EphemeralStore>, sources: Sources) -> Cache<u32, E> {
    Cache { name: "number", store, sources, flights: Flights::default() }
}

/// A cache on a store of its own.
fn fresh() -> (Cache<u32, &'static str>, TempDir) {
    let (store, folder) = embedded();
    (cache(store, sources().0), folder)
}

/// Reads that ended with `outcome`.
fn reads(counters: &Counters, outcome: &str) -> u64 {
    counters.sum("cache_reads_total", &[("cache", "number"), ("outcome", outcome)])
}

type Answer = Result<Option<u32>, &'static str>;

fn answering(answer: Answer) -> impl FnOnce() -> std::future::Ready<Answer> + Send + 'static {
    move || ready(answer)
}

#[tokio::test]
async fn what_was_read_is_read_from_the_store_until_it_changes() {
    let counters = Counters::start();
    let (cache, _folder) = fresh();

    let first = cache.read(7, answering(Ok(Some(1)))).await;
    let again = cache.read(7, answering(Ok(Some(2)))).await;
    cache.changed(7).await.unwrap();
    let changed = cache.read(7, answering(Ok(Some(3)))).await;

    assert_eq!([first, again, changed], [Ok(Some(1)), Ok(Some(1)), Ok(Some(3))]);
    assert_eq!(reads(&counters, "hit"), 1);
    assert_eq!(reads(&counters, "miss"), 2);
    assert_eq!(reads(&counters, "bypass"), 0);
}

#[tokio::test]
async fn neither_an_absence_nor_a_failure_is_kept() {
    let (cache, _folder) = fresh();

    let absent = cache.read(7, answering(Ok(None))).await;
    let failed = cache.read(7, answering(Err("the database is away"))).await;
    let there = cache.read(7, answering(Ok(Some(1)))).await;
    let kept = cache.read(7, answering(Ok(Some(2)))).await;

    assert_eq!([absent, failed, there, kept], [Ok(None), Err("the database is away"), Ok(Some(1)), Ok(Some(1))]);
}

#[tokio::test]
async fn two_processes_share_what_one_of_them_has_read() {
    let (store, _folder) = embedded();
    let [one, other] = [1, 2].map(|seed| {
        let sources = Sources::new(ManualClock::at(Timestamp::UNIX_EPOCH), SeededRandom::new(seed));
        cache::<&'static str>(Arc::clone(&store), sources)
    });

    let read = one.read(7, answering(Ok(Some(1)))).await;
    let shared = other.read(7, answering(Ok(Some(2)))).await;
    one.changed(7).await.unwrap();
    let changed = other.read(7, answering(Ok(Some(3)))).await;

    assert_eq!([read, shared, changed], [Ok(Some(1)), Ok(Some(1)), Ok(Some(3))]);
}

#[tokio::test]
async fn a_thousand_reads_of_a_cold_key_load_it_once() {
    let counters = Counters::start();
    let (cache, _folder) = fresh();
    let loads = Arc::new(AtomicU32::new(0));
    let read = || {
        let loads = Arc::clone(&loads);
        cache.read(7, move || async move {
            loads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(Some(1))
        })
    };

    let answers = join_all((0..1_000).map(|_| read())).await;

    assert!(answers.iter().all(|answer| *answer == Ok(Some(1))));
    assert_eq!(loads.load(Ordering::Relaxed), 1);
    assert_eq!(counters.sum("cache_loads_total", &[("cache", "number")]), 1);
}

#[tokio::test]
async fn who_comes_while_a_read_is_under_way_does_not_take_what_it_had_read() {
    let (cache, _folder) = fresh();
    let (has_read, go_on) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let slow = cache.read(7, {
        let (has_read, go_on) = (Arc::clone(&has_read), Arc::clone(&go_on));
        move || async move {
            has_read.notify_one();
            drop(go_on.acquire().await);
            Ok(Some(1))
        }
    });
    let late = async {
        has_read.notified().await;
        cache.changed(7).await.unwrap();
        go_on.add_permits(1);
        cache.read(7, answering(Ok(Some(2)))).await
    };

    let (slow, late) = tokio::join!(slow, late);

    assert_eq!((slow, late), (Ok(Some(1)), Ok(Some(2))));
}

#[tokio::test]
async fn a_reader_that_leaves_disturbs_nobody_who_waits_with_it() {
    let (cache, _folder) = fresh();
    let go_on = Arc::new(Semaphore::new(0));
    let read = || {
        let go_on = Arc::clone(&go_on);
        Box::pin(cache.read(7, move || async move {
            drop(go_on.acquire().await);
            Ok(Some(1))
        }))
    };
    let (mut first, second) = (read(), read());
    assert!((&mut first).now_or_never().is_none());
    let second = async {
        go_on.add_permits(2);
        second.await
    };

    drop(first);

    assert_eq!(second.await, Ok(Some(1)));
    assert!(cache.flights.are_none());
}

#[tokio::test]
async fn what_a_writer_left_that_died_behind_its_commit_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let (sources, clock) = sources();
    let store = Arc::new(Embedded::open(folder.path(), sources.clone()).unwrap());
    let cache = cache::<&'static str>(store, sources);
    let before = cache.read(7, answering(Ok(Some(1)))).await;

    cache.changing(7).await;
    let behind_the_commit = [cache.read(7, answering(Ok(Some(2)))).await, cache.read(7, answering(Ok(Some(3)))).await];
    clock.advance(LEASE_TTL);
    let later = [cache.read(7, answering(Ok(Some(4)))).await, cache.read(7, answering(Ok(Some(5)))).await];

    assert_eq!((before, behind_the_commit), (Ok(Some(1)), [Ok(Some(2)), Ok(Some(3))]));
    assert_eq!(later, [Ok(Some(4)), Ok(Some(4))]);
}

#[tokio::test]
async fn who_was_reading_when_a_change_began_fills_nothing() {
    let (cache, _folder) = fresh();
    let writer = cache.clone();

    let reading = cache.read(7, || async move {
        writer.changing(7).await;
        Ok(Some(1))
    });
    let before = reading.await;

    assert_eq!((before, cache.read(7, answering(Ok(Some(2)))).await), (Ok(Some(1)), Ok(Some(2))));
}

#[tokio::test]
async fn without_a_store_the_database_answers() {
    let counters = Counters::start();
    let cache = cache::<&'static str>(Arc::new(Absent), sources().0);

    let answers = [cache.read(7, answering(Ok(Some(1)))).await, cache.read(7, answering(Ok(Some(2)))).await];

    assert_eq!(answers, [Ok(Some(1)), Ok(Some(2))]);
    assert_eq!(reads(&counters, "bypass"), 2);
    cache.changing(7).await;
    assert!(cache.changed(7).await.is_err());
}

#[tokio::test]
async fn what_is_no_value_of_ours_is_left_alone() {
    let (store, _folder) = embedded();
    let cache = cache::<&'static str>(Arc::clone(&store), sources().0);
    for foreign in [&b""[..], b"V", b"V{}", b"L", b"1"] {
        store.put("cache:number:7", foreign, TTL).await.unwrap();

        assert_eq!(cache.read(7, answering(Ok(Some(1)))).await, Ok(Some(1)));
        assert_eq!(store.get("cache:number:7").await.unwrap().as_deref(), Some(foreign));
    }
}

#[tokio::test]
async fn a_store_that_hangs_costs_a_read_no_more_than_its_limits() {
    let (store, _folder) = embedded();
    let (sources, clock) = sources();
    let stepped = interleavings::hanging(store, sources.clone());
    let cache = cache::<&'static str>(stepped, sources);
    let mut read = Box::pin(cache.read(7, answering(Ok(Some(1)))));
    assert!((&mut read).now_or_never().is_none());

    clock.advance(STORE_TIMEOUT);

    assert_eq!(read.now_or_never(), Some(Ok(Some(1))));
}

#[test]
fn what_is_cached_together_does_not_expire_together() {
    let mut ttls: Vec<u64> = (0..100).map(|number| ttl_of(&format!("cache:number:{number}")).as_secs()).collect();
    ttls.sort_unstable();

    assert!(ttls[0] >= 48 && ttls[99] <= 72, "{ttls:?}");
    ttls.dedup();
    assert!(ttls.len() > 10, "{ttls:?}");
}
