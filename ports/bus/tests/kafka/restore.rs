//! A database that is restored from a copy is older than its group in Kafka: what it lacks is delivered again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bus::dead_letters::RunMode;
use bus::rewind::{CannotRewind, rewind};
use bus::{BusUrl, MIGRATIONS, Transport};
use chrono::TimeDelta;
use clock::Sources;
use database::{Connection, Database, DatabaseUrl, Postgres, Vault};

use crate::databases::postgres;
use crate::support::{Process, eventually, fresh_prefix, kafka, noter, open, shared};

mod what_a_restored_database_lacks_is_heard_again {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite() {
        let Some(brokers) = shared() else { return };
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let kafka = kafka(&brokers, &fresh_prefix(), 3);
        let copy = Arc::new(tempfile::tempdir().unwrap());

        let before = Process::over(kafka.clone(), vec![noter()], open(&folder).await, folder).await;
        let before = note(before, 0..3).await.stop().await;
        before.database.copy_to(&copy.path().join("database.sqlite")).await.unwrap();
        let process = Process::beside(&before, kafka.clone(), vec![noter()]).await;
        note(process, 3..6).await.stop().await;

        let restored = open(&copy).await;
        hears_everything(Process::over(kafka, vec![noter()], restored, copy).await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn postgres() {
        let Some(brokers) = shared() else { return };
        let (Some(place), Some(other)) = (postgres::fresh().await, postgres::fresh().await) else { return };
        let kafka = kafka(&brokers, &fresh_prefix(), 3);
        let restored = format!("{}_restored", place.name());
        let process = async |name: &str| {
            let database = on_postgres(place.port(), name).await;
            Process::over(kafka.clone(), vec![noter()], database, Arc::new(tempfile::tempdir().unwrap())).await
        };

        let before = note(process(place.name()).await, 0..3).await.stop().await;
        before.database.close().await.unwrap();
        other.execute(&format!("CREATE DATABASE {restored} TEMPLATE {}", place.name())).await;
        note(process(place.name()).await, 3..6).await.stop().await;

        let process = hears_everything(process(&restored).await).await;
        process.database.close().await.unwrap();
        other.execute(&format!("DROP DATABASE {restored} WITH (FORCE)")).await;
    }
}

mod a_copy_that_is_restored_over_its_own_database_is_noticed {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite() {
        let Some(brokers) = shared() else { return };
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let kafka = kafka(&brokers, &fresh_prefix(), 3);
        let file = folder.path().join("database.sqlite");
        let copy = folder.path().join("copy.sqlite");

        let before = Process::over(kafka.clone(), vec![noter()], open(&folder).await, folder.clone()).await;
        let before = note(before, 0..3).await.stop().await;
        before.database.copy_to(&copy).await.unwrap();
        let after = note(Process::beside(&before, kafka.clone(), vec![noter()]).await, 3..6).await.stop().await;
        for process in [before, after] {
            process.database.close().await.unwrap();
        }
        // The same file, of which the log must not be left.
        std::fs::copy(&copy, &file).unwrap();
        for log in ["database.sqlite-wal", "database.sqlite-shm"] {
            drop(std::fs::remove_file(folder.path().join(log)));
        }

        hears_everything(Process::over(kafka, vec![noter()], open(&folder).await, folder).await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn postgres() {
        let Some(brokers) = shared() else { return };
        let Some(place) = postgres::fresh().await else { return };
        let kafka = kafka(&brokers, &fresh_prefix(), 3);
        let process = async || {
            let database = on_postgres(place.port(), place.name()).await;
            Process::over(kafka.clone(), vec![noter()], database, Arc::new(tempfile::tempdir().unwrap())).await
        };

        note(process().await, 0..3).await.stop().await;
        place.execute(COPY).await;
        note(process().await, 3..6).await.stop().await;
        place.execute(RESTORE).await;

        hears_everything(process().await).await;
    }

    /// What a consumer has in its database. The relay's part is left as it is, so that it does not publish again.
    const COPY: &str = "CREATE TABLE copied_inbox AS SELECT * FROM bus_inbox; \
        CREATE TABLE copied_note AS SELECT * FROM test_note; \
        CREATE TABLE copied_position AS SELECT * FROM bus_position WHERE consumer = 'noter'";
    const RESTORE: &str = "DELETE FROM bus_inbox; INSERT INTO bus_inbox SELECT * FROM copied_inbox; \
        DELETE FROM test_note; INSERT INTO test_note SELECT * FROM copied_note; \
        DELETE FROM bus_position WHERE consumer = 'noter'; INSERT INTO bus_position SELECT * FROM copied_position";
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_becomes_older_while_its_consumer_reads_is_reported_and_made_good_by_hand() {
    let Some(brokers) = shared() else { return };
    let (kafka, begun) = (kafka(&brokers, &fresh_prefix(), 3), Sources::system().now() - TimeDelta::minutes(1));
    let process = note(Process::start(kafka.clone(), vec![noter()]).await, 0..3).await;

    // As a server has it that lagged when it took over.
    let tx = process.database.begin_write().await.unwrap();
    tx.execute_unprepared("DELETE FROM test_note").await.unwrap();
    tx.execute_unprepared("DELETE FROM bus_inbox").await.unwrap();
    tx.execute_unprepared("UPDATE bus_position SET progress = 0 WHERE consumer = 'noter'").await.unwrap();
    tx.commit().await.unwrap();
    let later = AtomicU32::new(0);
    eventually(async || {
        process.note("b", later.fetch_add(1, Ordering::Relaxed)).await;
        matches!(process.bus.transport(), Transport::Flawed(flaw) if flaw.contains("noter has become older"))
    })
    .await;
    let process = process.stop().await;
    let url = BusUrl::Kafka(Box::new(kafka.clone()));
    eventually(async || rewind(&url, &process.database, "noter", begun, RunMode::Real).await.is_ok()).await;
    let process = Process::beside(&process, kafka, vec![noter()]).await;
    eventually(async || process.notes_of("a").await.len() == 3).await;

    let process = process.idle().await;
    assert_eq!(process.notes_of("a").await, [0, 1, 2]);
    let later = later.into_inner();
    assert_eq!(process.notes_of("b").await, (0..later).collect::<Vec<_>>(), "each once, in order");
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_taken_back_by_hand_while_it_has_no_members() {
    let Some(brokers) = shared() else { return };
    let (kafka, sources) = (kafka(&brokers, &fresh_prefix(), 1), Sources::system());
    let process = Process::start(kafka.clone(), vec![noter()]).await;
    let begun = sources.now() - TimeDelta::minutes(1);
    let process = note(process, 0..3).await;
    let database = process.database.clone();
    let take_back = async |consumer: &str, since, run| {
        rewind(&BusUrl::Kafka(Box::new(kafka.clone())), &database, consumer, since, run).await
    };
    eventually(
        async || matches!(take_back("noter", begun, RunMode::Dry).await.as_deref(), Ok([step]) if step.from == 3),
    )
    .await;

    let with_members = take_back("noter", begun, RunMode::Real).await;
    let process = process.stop().await;
    let (dry, real) = (take_back("noter", begun, RunMode::Dry).await, take_back("noter", begun, RunMode::Real).await);
    let again = take_back("noter", begun, RunMode::Real).await;
    let forgotten = take_back("noter", begun - TimeDelta::days(14), RunMode::Real).await;
    let unknown = take_back("nobody", begun, RunMode::Real).await;
    let embedded = rewind(&BusUrl::Embedded, &database, "noter", begun, RunMode::Real).await;

    assert!(matches!(with_members, Err(CannotRewind::HasMembers(_))), "{with_members:?}");
    let [step] = &real.as_ref().unwrap()[..] else { panic!("one partition, not {real:?}") };
    assert_eq!((step.partition, step.from, step.to), (0, 3, 0));
    assert_eq!(dry.unwrap(), real.unwrap());
    assert_eq!(again.unwrap(), [], "it stands there now");
    assert!(matches!(forgotten, Err(CannotRewind::Forgotten(_))), "{forgotten:?}");
    assert!(matches!(unknown, Err(CannotRewind::Unknown(_))), "{unknown:?}");
    assert!(matches!(embedded, Err(CannotRewind::Embedded)), "{embedded:?}");
    let process = note(Process::beside(&process, kafka.clone(), vec![noter()]).await, 3..4).await;
    assert_eq!(process.notes_of("a").await, [0, 1, 2, 3], "the inbox knows what comes again");
    process.stop().await;
}

async fn hears_everything(process: Process) -> Process {
    process.wait_for_notes(6).await;
    let process = process.idle().await;
    assert_eq!(process.notes_of("a").await, [0, 1, 2, 3, 4, 5], "each once, in order");
    process.stop().await
}

/// Has `numbers` heard.
async fn note(process: Process, numbers: std::ops::Range<u32>) -> Process {
    let end = numbers.end as usize;
    for number in numbers {
        process.note("a", number).await;
    }
    process.wait_for_notes(end).await;
    process.idle().await
}

async fn on_postgres(port: u16, name: &str) -> Database {
    let url = DatabaseUrl::Postgres(Postgres::local(port, "postgres", name));
    let database = Database::connect(&url, Sources::system(), Vault::new(b"a root key")).await.unwrap();
    database.migrate(MIGRATIONS).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS test_note (seq BIGSERIAL PRIMARY KEY, key TEXT, number INTEGER)";
    tx.execute_unprepared(table).await.unwrap();
    tx.commit().await.unwrap();
    database
}
