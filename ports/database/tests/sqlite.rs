//! SQLite keeps the promises of the port, and those of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use clock::{ManualClock, Sources, SystemRandom, Timestamp};
use database::contract::Harness;
use database::{Connection, Database, DatabaseError, DatabaseUrl, Vault, WriteTransaction};
use sea_orm::Statement;
use support::killed_writer;
use tempfile::TempDir;

mod contract {
    use super::*;

    database::contract!(Sqlite);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_while_others_write_is_consistent() {
    let sqlite = Sqlite::fresh().await;
    execute(sqlite.database(), "CREATE TABLE leg (pair INTEGER NOT NULL)").await;
    let writer = tokio::task::JoinSet::from_iter([write_pairs(sqlite.database().clone())]);

    let mut copied = Vec::new();
    while copied.last().is_none_or(|pairs| *pairs < 50) {
        let file = sqlite.folder.path().join(format!("copy-{}", copied.len()));
        sqlite.database().copy_to(&file).await.unwrap();
        copied.push(pairs_in(&connect(&file).await.unwrap()).await);
    }
    drop(writer);

    assert!(copied.is_sorted());
}

#[tokio::test]
async fn a_copy_in_the_place_of_a_killed_database_is_not_written_over_by_its_log() {
    let sqlite = Sqlite::fresh().await;
    execute(sqlite.database(), "CREATE TABLE leg (pair INTEGER NOT NULL)").await;
    let folder = tempfile::tempdir().unwrap();
    let (place, log) = (folder.path().join("database.sqlite"), folder.path().join("database.sqlite-wal"));
    sqlite.database().copy_to(&place).await.unwrap();
    execute(sqlite.database(), "INSERT INTO leg VALUES (1), (1)").await;
    std::fs::copy(sqlite.folder.path().join("database.sqlite-wal"), &log).unwrap();

    let refused = connect(&place).await.err().unwrap();
    std::fs::remove_file(&log).unwrap();
    let restored = connect(&place).await.unwrap();

    assert!(matches!(refused, DatabaseError::ForeignLog(_)), "{refused:?}");
    assert!(refused.to_string().contains("database.sqlite-wal"), "{refused}");
    assert_eq!(pairs_in(&restored).await, 0);
    execute(&restored, "INSERT INTO leg VALUES (2), (2)").await;
    assert_eq!(pairs_in(&connect(&place).await.unwrap()).await, 1, "its own log is no foreign one");
}

#[tokio::test]
async fn a_copy_overwrites_nothing() {
    let sqlite = Sqlite::fresh().await;
    let file = sqlite.folder.path().join("taken");
    std::fs::write(&file, "somebody's").unwrap();

    let refused = sqlite.database().copy_to(&file).await;

    assert!(refused.is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody's");
}

#[tokio::test]
async fn a_file_that_cannot_be_is_reported_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let regular = folder.path().join("regular");
    std::fs::write(&regular, "").unwrap();

    let refused = connect(&regular.join("database.sqlite")).await.err().unwrap();

    assert!(matches!(refused, DatabaseError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("unable to open database file"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_reported_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("database.sqlite");
    std::fs::write(&file, "something else entirely, and long enough to be looked at. ".repeat(20)).unwrap();

    let refused = connect(&file).await.err().unwrap();

    assert!(matches!(refused, DatabaseError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("file is not a database"), "{refused}");
}

/// Writes two rows of one number in each transaction, for ever.
async fn write_pairs(database: Database) {
    for pair in 0.. {
        let tx = database.begin_write().await.unwrap();
        for _ in 0..2 {
            execute(&tx, &format!("INSERT INTO leg (pair) VALUES ({pair})")).await;
        }
        tx.commit().await.unwrap();
    }
}

/// How many pairs stand there; none of them torn apart.
async fn pairs_in(database: &Database) -> i64 {
    let select = "SELECT count(*), count(DISTINCT pair) FROM leg";
    let statement = Statement::from_string(database.get_database_backend(), select);
    let row = database.query_one_raw(statement).await.unwrap().unwrap();
    let (legs, pairs): (i64, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
    assert_eq!(legs, 2 * pairs);
    pairs
}

#[tokio::test]
async fn a_probe_of_a_read_only_database_fails() {
    let sqlite = Sqlite::fresh().await;
    // The writer's one connection keeps this for as long as it lives; the modes of a file do not bind root.
    let tx = sqlite.database().begin_write().await.unwrap();
    execute(&tx, "PRAGMA query_only = ON").await;
    drop(tx);

    let refused = sqlite.database().probe().await.err().unwrap();

    assert!(matches!(refused, DatabaseError::Unavailable(_)), "{refused:?}");
    assert!(refused.to_string().contains("attempt to write a readonly database"), "{refused}");
}

struct Sqlite {
    folder: TempDir,
    database: Database,
    clock: ManualClock,
    /// Another process that keeps the one write lock.
    occupant: Mutex<Option<WriteTransaction>>,
}

impl Sqlite {
    fn file(&self) -> PathBuf {
        self.folder.path().join("database.sqlite")
    }
}

#[async_trait]
impl Harness for Sqlite {
    fn is_wanted() -> bool {
        true
    }

    async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        let sources = Sources::new(clock.clone(), SystemRandom);
        let url = DatabaseUrl::Sqlite(folder.path().join("database.sqlite"));
        let database = Database::connect(&url, sources, Vault::new(b"a root key")).await.unwrap();
        Self { folder, database, clock, occupant: Mutex::default() }
    }

    fn database(&self) -> &Database {
        &self.database
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }

    async fn connect(&self) -> Database {
        connect(&self.file()).await.unwrap()
    }

    async fn kill_a_writer(&self) -> i32 {
        killed_writer::kill(self.file().to_str().unwrap())
    }

    async fn forbid_writes(&self) {
        let tx = self.connect().await.begin_write().await.unwrap();
        self.occupant.lock().unwrap().replace(tx);
    }

    async fn allow_writes(&self) {
        self.occupant.lock().unwrap().take();
    }

    async fn connect_afar(&self) -> Database {
        self.connect().await
    }

    /// A file is never silent, but another process may keep its lock.
    async fn fall_silent(&self) {
        self.forbid_writes().await;
    }

    async fn be_heard(&self) {
        self.allow_writes().await;
    }

    /// As a full disk does: the file may not grow by a page.
    async fn end_transaction(&self, tx: &WriteTransaction) {
        execute(tx, "PRAGMA max_page_count = 1").await;
        let grown = "INSERT INTO contract_account (email) VALUES (hex(randomblob(1000000)))";
        let full = tx.execute_unprepared(grown).await.map_err(DatabaseError::from);
        assert!(matches!(full, Err(DatabaseError::Unavailable(_))), "{full:?}");
    }
}

#[test]
#[ignore = "the contract runs it as a process of its own, and kills it"]
fn a_writer_that_is_killed() {
    killed_writer::write(&async |file| connect(Path::new(file)).await.unwrap());
}

async fn connect(file: &Path) -> database::Result<Database> {
    let url = DatabaseUrl::Sqlite(file.to_owned());
    Database::connect(&url, Sources::system(), Vault::new(b"a root key")).await
}

async fn execute<C: Connection>(connection: &C, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}
