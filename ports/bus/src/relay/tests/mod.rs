//! A relay between a real outbox and a topic in memory that can be broken in every way.

mod refusals;
mod topic;

use std::time::Duration;

use clock::Sources;
use contracts::Event;
use contracts::schemars::{self, JsonSchema};
use database::{Connection, Database, DatabaseUrl, Postgres, Vault};
use serde::{Deserialize, Serialize};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Interruption, NAME, Relay};
use crate::dead_letters::{self, Filter, Scope, Slice};
use crate::{outbox, store};
use topic::Topic;

#[tokio::test(flavor = "multi_thread")]
async fn everything_recorded_is_copied_in_order() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        let relay = Running::start(&database, &topic);

        record(&database, 0..40).await;
        topic.holds(0..40).await;
        relay.stop().await;

        assert_eq!(topic.numbers(), (0..40).collect::<Vec<_>>());
        assert_eq!(pending(&database).await, 0, "the checkpoint follows");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_log_loses_and_reorders_nothing() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        record(&database, 0..30).await;
        topic.state().breaks_at = vec![7, 19, 23];
        topic.state().unacknowledged = [5, 18].into();

        let relay = Running::start(&database, &topic);
        topic.holds(0..30).await;
        relay.stop().await;

        assert_eq!(topic.first_copies(), (0..30).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_never_be_sent_becomes_a_dead_letter_once_and_holds_nothing_up() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        record(&database, 0..10).await;
        topic.state().refused = [4].into();
        topic.state().breaks_at = vec![8];

        let relay = Running::start(&database, &topic);
        topic.holds((0..10).filter(|number| *number != 4)).await;
        relay.stop().await;

        let slice = Slice { after: None, limit: 10 };
        let letters = dead_letters::list(&database, &Filter::default(), Scope::All, slice).await.unwrap();
        let letters: Vec<_> = letters.iter().map(|letter| (letter.consumer.as_str(), letter.reason.as_str())).collect();
        assert_eq!(letters, [(NAME, "too large")]);
        assert_eq!(pending(&database).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_works_at_a_time_and_another_takes_over() {
    for place in places().await {
        let topics = [Topic::default(), Topic::default()];
        let (first, second) = (place.open().await, place.open().await);
        let relay = Running::start(&first, &topics[0]);
        record(&first, 0..5).await;
        topics[0].holds(0..5).await;
        let reserve = Running::start(&second, &topics[1]);
        record(&first, 5..10).await;
        topics[0].holds(0..10).await;

        relay.stop().await;
        record(&second, 10..15).await;
        topics[1].holds(10..15).await;
        reserve.stop().await;

        assert_eq!(topics[0].numbers(), (0..10).collect::<Vec<_>>());
        assert_eq!(topics[1].numbers(), (10..15).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_lost_its_turn_moves_no_checkpoint() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        topic.state().unacknowledged = [0].into();
        record(&database, 0..1).await;
        let relay = Running::start(&database, &topic);
        topic.holds(0..1).await;

        let tx = database.begin_write().await.unwrap();
        store::position::take_over(&tx, NAME, store::position::ALL_TOPICS).await.unwrap();
        tx.commit().await.unwrap();
        topic.acknowledge_all();
        relay.stop().await;

        assert_eq!(pending(&database).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_committed_late_is_copied_and_delays_no_other_key() {
    let Some(place) = postgres().await else { return };
    let (database, topic) = (place.open().await, Topic::default());
    let relay = Running::start(&database, &topic);
    let late = database.begin_write().await.unwrap();
    // What the commit would do, without its end.
    late.execute_unprepared(
        "INSERT INTO bus_outbox (segment, event_id, type, topic, key, payload, sealed, recorded_at) SELECT 0, \
         gen_random_uuid(), 'test.numbered.v1', 'test_numbered', 'late', '{\"key\":\"late\",\"number\":99}', FALSE, now()",
    )
    .await
    .unwrap();

    record(&database, 0..20).await;
    topic.holds(0..20).await;
    late.commit().await.unwrap();
    topic.holds((0..20).chain([99])).await;
    relay.stop().await;

    assert_eq!(topic.numbers().last(), Some(&99));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_log_is_copied_again_in_order() {
    let Some(place) = postgres().await else { return };
    let (database, topic) = (place.open().await, Topic::default());
    let relay = Running::start(&database, &topic);
    record(&database, 0..10).await;
    topic.holds(0..10).await;
    relay.stop().await;
    // Another cluster counts its transactions from elsewhere.
    database.execute_unprepared("UPDATE bus_outbox SET xid = '99999999999'").await.unwrap();
    database.execute_unprepared("UPDATE bus_origin SET system_identifier = 'elsewhere'").await.unwrap();

    let restored = Topic::default();
    let relay = Running::start(&database, &restored);
    restored.holds(0..10).await;
    relay.stop().await;

    assert_eq!(restored.numbers(), (0..10).collect::<Vec<_>>());
}

/// However many rows that is.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_on_its_way_than_some_megabytes() {
    for place in places().await {
        let (database, topic) = (place.open().await, Topic::default());
        topic.state().unacknowledged = (0..400).collect();
        let long = |number| Long { numbered: Numbered { key: "a".to_owned(), number }, text: "x".repeat(100_000) };
        for first in (0..400).step_by(50) {
            let tx = database.begin_write().await.unwrap();
            outbox::record_all(&tx, &(first..first + 50).map(long).collect::<Vec<_>>()).await.unwrap();
            tx.commit().await.unwrap();
        }

        let relay = Running::start(&database, &topic);
        topic.holds(0..160).await;
        let more = tokio::time::timeout(Duration::from_secs(1), topic.holds(0..260)).await;
        topic.acknowledge_all();
        topic.holds(0..400).await;
        relay.stop().await;

        assert!(more.is_err(), "the next wait until those before them have arrived");
        assert_eq!(topic.numbers(), (0..400).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_log_that_takes_nothing_is_asked_less_and_less_often() {
    for place in places().await {
        let relay = Relay::new(place.open().await, Topic::default(), watch::Sender::new(0));

        let pauses: Vec<_> = (0..10).map(|_| relay.pause_after(Interruption::Fatal("away".to_owned()))).collect();

        assert!(pauses[0] < Duration::from_secs(2), "{pauses:?}");
        assert!(pauses[9] >= Duration::from_secs(30), "{pauses:?}");
    }
}

async fn record(database: &Database, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let tx = database.begin_write().await.unwrap();
        outbox::record(&tx, &Numbered { key: (number % 3).to_string(), number }).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn pending(database: &Database) -> u64 {
    let depths = store::status::depths_behind_relay(database).await.unwrap();
    depths.iter().map(|depth| depth.records.cast_unsigned()).sum()
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Numbered {
    key: String,
    number: u32,
}

impl Event for Numbered {
    const TOPIC: &'static str = "test_numbered";
    const TYPE: &'static str = "test.numbered.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// One that takes much room.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
struct Long {
    #[serde(flatten)]
    numbered: Numbered,
    text: String,
}

impl Event for Long {
    const TOPIC: &'static str = "test_long";
    const TYPE: &'static str = "test.long.v1";

    fn key(&self) -> String {
        self.numbered.key.clone()
    }
}

/// A relay at work until it is stopped.
struct Running {
    stop: CancellationToken,
    runs: JoinSet<()>,
}

impl Running {
    fn start(database: &Database, topic: &Topic) -> Self {
        let relay = Relay::new(database.clone(), topic.clone(), watch::Sender::new(0));
        let (stop, mut runs) = (CancellationToken::new(), JoinSet::new());
        let stopped = stop.clone();
        runs.spawn(async move { relay.run(&stopped).await });
        Self { stop, runs }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.runs.join_all().await;
    }
}

/// A database that several connect to, as processes do.
enum Place {
    Folder(tempfile::TempDir),
    Server(Box<TestDatabase>),
}

/// One of each kind, as far as there are servers.
async fn places() -> Vec<Place> {
    let folder = Place::Folder(tempfile::tempdir().unwrap());
    folder.open().await.migrate(crate::MIGRATIONS).await.unwrap();
    [Some(folder), postgres().await].into_iter().flatten().collect()
}

async fn postgres() -> Option<Place> {
    let place = fresh_database("relay", async |place| {
        let database = connect(&address(place)).await;
        database.migrate(crate::MIGRATIONS).await.unwrap();
        database.close().await.unwrap();
    });
    place.await.map(|database| Place::Server(Box::new(database)))
}

impl Place {
    async fn open(&self) -> Database {
        match self {
            Self::Folder(folder) => connect(&DatabaseUrl::Sqlite(folder.path().join("database.sqlite"))).await,
            Self::Server(place) => connect(&address(place)).await,
        }
    }
}

fn address(place: &TestDatabase) -> DatabaseUrl {
    DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()))
}

async fn connect(url: &DatabaseUrl) -> Database {
    Database::connect(url, Sources::system(), Vault::new(b"a root key")).await.unwrap()
}
