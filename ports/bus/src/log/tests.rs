//! The log on a Postgres where many write at once.

use std::collections::BTreeMap;
use std::time::Duration;

use clock::Sources;
use contracts::Event;
use contracts::schemars::{self, JsonSchema};
use database::{Connection, Database, DatabaseUrl, Postgres, Vault};
use sea_orm::{Statement, Value};
use serde::{Deserialize, Serialize};
use testkit::servers::postgres::{TestDatabase, fresh_database};
use tokio::task::JoinSet;

use super::{LogPosition, SnapshotRange, adopt, read, trimming};
use crate::outbox;
use crate::store::outbox::{self as outbox_rows, Wanted};
use crate::store::{position, segment};

const READER: (&str, &str) = ("reader", "test_noted");

#[tokio::test(flavor = "multi_thread")]
async fn readers_miss_nothing_and_see_each_key_in_the_order_of_its_rows() {
    let Some((_place, database)) = fresh().await else { return };
    let mut writers = JoinSet::new();
    for writer in 0..6_u32 {
        let database = database.clone();
        writers.spawn(async move {
            for round in 0..25 {
                // Keys in either order: writers that wait for each other must not wait in a circle.
                let keys = if writer % 2 == 0 { [round % 3, 3] } else { [3, round % 3] };
                record(&database, keys).await;
            }
        });
    }

    let mut log = Reading { database: database.clone(), mark: beginning(&database).await, seen: Vec::new() };
    while writers.try_join_next().is_some() || !writers.is_empty() {
        log.read(7).await;
    }
    log.read_all(7).await;

    assert_eq!(log.seen.len(), 6 * 25 * 2);
    let mut by_key: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (key, seq) in &log.seen {
        by_key.entry(key).or_default().push(*seq);
    }
    assert!(by_key.values().all(|rows| rows.is_sorted_by(|before, after| before < after)), "{by_key:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_committed_late_is_read_once_though_others_were_read_behind_it() {
    let Some((_place, database)) = fresh().await else { return };
    let mut log = Reading { database: database.clone(), mark: beginning(&database).await, seen: Vec::new() };
    let late = database.begin_write().await.unwrap();
    late.execute_unprepared(&insert_rows(1, "late")).await.unwrap();
    record(&database, [1, 2]).await;
    log.read_all(100).await;
    let before = log.seen.len();

    late.commit().await.unwrap();
    log.read_all(100).await;
    log.read_all(100).await;

    assert_eq!((before, log.seen.len()), (2, 3));
    assert!(log.seen[2].1 < log.seen[0].1, "its number is lower");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_in_the_middle_of_a_cut_reads_on_there() {
    let Some((_place, database)) = fresh().await else { return };
    database.execute_unprepared(&insert_rows(50, "a")).await.unwrap();
    let first = read(&database, &beginning(&database).await, wanted(20)).await.unwrap();
    let mark = first.position_at(first.arrivals[9].offset);
    store(&database, &mark).await;
    database.execute_unprepared(&insert_rows(5, "b")).await.unwrap();

    let mut log = Reading { database: database.clone(), mark: stored(&database).await, seen: Vec::new() };
    log.read_all(20).await;

    assert_eq!(log.seen.len(), 45);
    assert!(log.seen.is_sorted_by_key(|row| row.1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_emptied_once_all_in_it_is_taken() {
    let Some((_place, database)) = fresh().await else { return };
    let mut log = Reading { database: database.clone(), mark: beginning(&database).await, seen: Vec::new() };
    database.execute_unprepared(&insert_rows(30, "a")).await.unwrap();
    let recycle = async || trimming::recycle(&database, &[READER], database.sources().now(), 1).await.unwrap();
    recycle().await;
    record(&database, [1, 2]).await;
    recycle().await;
    let untaken = rows(&database, "bus_outbox").await;

    log.read_all(100).await;
    store(&database, &log.mark).await;
    recycle().await;

    let left = (rows(&database, "bus_outbox_0").await, rows(&database, "bus_outbox_1").await);
    assert_eq!((untaken, left), (32, (0, 2)));
    assert_eq!(rows(&database, "pg_class WHERE relname = 'bus_outbox_0' AND pg_relation_size(oid) > 0").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_values_count_for_the_size_of_a_segment() {
    let Some((_place, database)) = fresh().await else { return };
    // What does not become shorter stands beside the table.
    let payload = "(SELECT string_agg(sha256(number::text::bytea), ''::bytea) FROM generate_series(1, 1000) number)";
    database.execute_unprepared(&insert_rows_of(40, "a", payload)).await.unwrap();

    trimming::recycle(&database, &[READER], database.sources().now(), 1_000_000).await.unwrap();

    assert_eq!(number(&database, "SELECT current::bigint FROM bus_outbox_segment").await, 1, "the other one is next");
}

/// A server has room for some thousand locks of all its transactions together.
#[tokio::test(flavor = "multi_thread")]
async fn however_many_keys_are_recorded_they_share_some_thousand_locks_and_few_statements() {
    let Some((_place, database)) = fresh().await else { return };
    database
        .execute_unprepared(
            "CREATE TABLE held_lock (classid BIGINT, objid BIGINT); CREATE TABLE insertion (at TIMESTAMPTZ); \
             CREATE FUNCTION note_locks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO insertion VALUES (now()); INSERT INTO held_lock SELECT classid::bigint, objid::bigint \
             FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid(); RETURN NULL; END $$; \
             CREATE TRIGGER note_locks AFTER INSERT ON bus_outbox FOR EACH STATEMENT EXECUTE FUNCTION note_locks()",
        )
        .await
        .unwrap();

    for transaction in 0..8 {
        let keys = (0..1_000).map(|key| Noted { key: format!("{transaction} {key}") });
        let tx = database.begin_write().await.unwrap();
        outbox::record_all(&tx, &keys.collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
    }

    let locks = rows(&database, "(SELECT DISTINCT classid, objid FROM held_lock) AS distinct_lock").await;
    assert!((2_000..=4_096).contains(&locks), "{locks}");
    assert_eq!((rows(&database, "insertion").await, rows(&database, "bus_outbox").await), (16, 8_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_is_not_emptied_while_somebody_writes_into_it() {
    let Some((_place, database)) = fresh().await else { return };
    let late = database.begin_write().await.unwrap();
    late.execute_unprepared(&insert_rows(1, "late")).await.unwrap();
    let recycle = async || trimming::recycle(&database, &[READER], database.sources().now(), 1).await.unwrap();

    recycle().await;
    let began = std::time::Instant::now();
    recycle().await;
    let took = began.elapsed();
    late.commit().await.unwrap();

    assert_eq!(rows(&database, "bus_outbox").await, 1);
    assert!(took < Duration::from_secs(1), "nobody waits for it: {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_of_a_long_log_asks_its_indexes() {
    let Some((_place, database)) = fresh().await else { return };
    fill(&database, 50_000).await;
    let mut log = Reading { database: database.clone(), mark: beginning(&database).await, seen: Vec::new() };
    log.read_all(10_000).await;
    let SnapshotRange::Between { seen, until, .. } = &log.mark.cut else { panic!("this is Postgres") };

    let plans = [
        plan(&database, &outbox_rows::since_sql(wanted(100)), [(&**until).into()].to_vec()).await,
        plan(
            &database,
            &outbox_rows::between_sql(wanted(100)),
            [(&**seen).into(), (&**until).into(), 49_000_i64.into()].to_vec(),
        )
        .await,
    ];

    assert_eq!(log.seen.len(), 50_000);
    for plan in plans {
        assert!(!plan.contains("Seq Scan on bus_outbox_0"), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_long_segment_is_wanted_is_decided_by_its_newest_row() {
    let Some((_place, database)) = fresh().await else { return };
    let (relay, now) = ((crate::relay::NAME, position::ALL_TOPICS), database.sources().now());
    let tx = database.begin_write().await.unwrap();
    position::register(&tx, relay.0, relay.1).await.unwrap();
    tx.commit().await.unwrap();
    fill(&database, 50_000).await;
    database.execute_unprepared("ANALYZE bus_outbox").await.unwrap();
    trimming::recycle(&database, &[relay], now, 1).await.unwrap();
    let segment = segment::both(&database).await.unwrap().other;

    let select = format!("(ANALYZE) {}", segment::is_wanted_sql(&database, segment, 1));
    let plan = plan(&database, &select, [now.into(), relay.0.into(), relay.1.into()].to_vec()).await;

    assert!(segment::is_wanted(&database, segment, &[relay], now).await.unwrap());
    let by_transaction = "Index Scan Backward using bus_outbox_0_xid_idx";
    let scanned = plan.lines().find(|line| line.contains(by_transaction)).unwrap_or_else(|| panic!("{plan}"));
    // Postgres 18 counts rows in hundredths.
    assert!(scanned.contains("rows=1 loops=1)") || scanned.contains("rows=1.00 loops=1)"), "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_that_was_restored_is_read_again_however_long_that_takes() {
    let Some((_place, database)) = fresh().await else { return };
    adopt(&database).await.unwrap();
    fill(&database, 10_000).await;
    database.execute_unprepared("UPDATE bus_origin SET system_identifier = 'elsewhere'").await.unwrap();
    database.execute_unprepared(FEW_ROWS_AT_ONCE).await.unwrap();

    adopt(&database).await.unwrap();

    let mut log = Reading { database: database.clone(), mark: beginning(&database).await, seen: Vec::new() };
    log.read_all(10_000).await;
    assert_eq!(log.seen.len(), 10_000);
}

/// Refuses a statement that changes so many rows of the outbox that a longer one would take longer than any may.
const FEW_ROWS_AT_ONCE: &str = "
    CREATE FUNCTION refuse_many() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM changed) > 2000 THEN RAISE EXCEPTION 'one statement changes too many rows'; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER few_rows_at_once AFTER UPDATE ON bus_outbox
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_many()";

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_more_than_its_server_has_done_reads_again() {
    let Some((_place, database)) = fresh().await else { return };
    adopt(&database).await.unwrap();
    record(&database, [1, 2]).await;
    beginning(&database).await;
    // As the server says that was there before, and has the same name.
    database.execute_unprepared("UPDATE bus_outbox SET xid = '99999999999'").await.unwrap();
    database
        .execute_unprepared(
            "UPDATE bus_position SET seen = '99999999999:99999999999:', until = '99999999999:99999999999:'",
        )
        .await
        .unwrap();

    adopt(&database).await.unwrap();

    let mut log = Reading { database: database.clone(), mark: stored(&database).await, seen: Vec::new() };
    log.read_all(100).await;
    assert_eq!(log.seen.len(), 2);
}

async fn plan(database: &Database, sql: &str, values: Vec<Value>) -> String {
    let backend = database.get_database_backend();
    let explain = Statement::from_sql_and_values(backend, format!("EXPLAIN {sql}"), values);
    let rows = database.query_all_raw(explain).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap() + "\n").collect()
}

struct Reading {
    database: Database,
    mark: LogPosition,
    /// Keys and numbers of rows, as they were read.
    seen: Vec<(String, i64)>,
}

impl Reading {
    async fn read(&mut self, limit: u64) -> usize {
        let batch = read(&self.database, &self.mark, wanted(limit)).await.unwrap();
        let rows = batch.arrivals.len();
        self.seen.extend(batch.arrivals.into_iter().map(|arrival| (arrival.delivery.key, arrival.offset)));
        self.mark = batch.end;
        rows
    }

    async fn read_all(&mut self, limit: u64) {
        while self.read(limit).await > 0 {}
    }
}

fn wanted(limit: u64) -> Wanted<'static> {
    Wanted { topic: None, limit }
}

async fn beginning(database: &Database) -> LogPosition {
    let tx = database.begin_write().await.unwrap();
    position::register(&tx, READER.0, READER.1).await.unwrap();
    tx.commit().await.unwrap();
    stored(database).await
}

async fn stored(database: &Database) -> LogPosition {
    position::of(database, READER.0).await.unwrap().remove(READER.1).unwrap()
}

async fn store(database: &Database, mark: &LogPosition) {
    let tx = database.begin_write().await.unwrap();
    assert!(position::advance(&tx, READER, mark, 0).await.unwrap());
    tx.commit().await.unwrap();
}

pub(crate) async fn record(database: &Database, keys: [u32; 2]) {
    let tx = database.begin_write().await.unwrap();
    for key in keys {
        outbox::record(&tx, &Noted { key: key.to_string() }).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Adds `rows`, few enough with each statement for its time limit on a busy machine.
async fn fill(database: &Database, rows: u32) {
    const AT_ONCE: u32 = 1_000;
    for _ in 0..rows / AT_ONCE {
        database.execute_unprepared(&insert_rows(AT_ONCE, "a")).await.unwrap();
    }
}

fn insert_rows(rows: u32, key: &str) -> String {
    insert_rows_of(rows, key, "repeat('x', 300)::bytea")
}

fn insert_rows_of(rows: u32, key: &str, payload: &str) -> String {
    format!(
        "INSERT INTO bus_outbox (segment, event_id, type, topic, key, payload, sealed, recorded_at) \
         SELECT 0, gen_random_uuid(), 'test.noted.v1', 'test_noted', '{key}', {payload}, FALSE, now() \
         FROM generate_series(1, {rows})"
    )
}

async fn rows(database: &Database, table: &str) -> i64 {
    number(database, &format!("SELECT count(*) FROM {table}")).await
}

async fn number(database: &Database, select: &str) -> i64 {
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), select)).await.unwrap();
    row.map(|row| row.try_get_by_index(0).unwrap()).unwrap_or_default()
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Noted {
    key: String,
}

impl Event for Noted {
    const TOPIC: &'static str = READER.1;
    const TYPE: &'static str = "test.noted.v1";

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// A database with the tables of the bus; none in an embedded run.
pub(crate) async fn fresh() -> Option<(TestDatabase, Database)> {
    let place = fresh_database("log", async |place| {
        let database = open(place).await;
        database.migrate(crate::MIGRATIONS).await.unwrap();
        database.close().await.unwrap();
    })
    .await?;
    let database = open(&place).await;
    Some((place, database))
}

async fn open(place: &TestDatabase) -> Database {
    let url = DatabaseUrl::Postgres(Postgres::local(place.port(), "postgres", place.name()));
    Database::connect(&url, Sources::system(), Vault::new(b"a root key")).await.unwrap()
}
