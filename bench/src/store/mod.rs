//! The queries of the bench: what it fills tables with, and what it compares ours to.

pub(crate) mod address;
pub(crate) mod campaign;
pub(crate) mod cart;
pub(crate) mod checkout;
mod indexes;
pub(crate) mod mail;
pub(crate) mod menu;
pub(crate) mod orders;
mod peer;
mod town;

use anyhow::{Context, Result, bail};
use clock::Timestamp;
use contracts::{Event, UserCreated};
use database::{Connection, Database, WriteTransaction};
use sea_orm::{DbBackend, Statement, Value};
use testkit::filling::{Dialect, Filling};
use uuid::Uuid;

use indexes::Indexes;
pub(crate) use peer::Peer;
pub(crate) use town::{add_to_town, rename_in_town};

pub(crate) async fn make_database(server: &Database, name: &str) -> database::Result<()> {
    // Another measure may have left one.
    server.execute_unprepared(&format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
    server.execute_unprepared(&format!("CREATE DATABASE \"{name}\"")).await?;
    Ok(())
}

/// Copies the oldest account so many times, under addresses that begin with `prefix`, and with `hash` in place of its own.
pub(crate) async fn copy_account(database: &Database, prefix: &str, hash: Option<&str>, count: u32) -> Result<()> {
    let backend = database.get_database_backend();
    let (id, number, numbers) = match backend {
        DbBackend::Postgres => ("gen_random_uuid()", "lpad(number::text, 6, '0')", "SELECT generate_series(0, $4 - 1)"),
        DbBackend::Sqlite | DbBackend::MySql => (
            "randomblob(16)",
            "substr('000000' || number, -6)",
            "SELECT 0 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < $4",
        ),
        other => bail!("there is no way to copy an account in {other:?}"),
    };
    let copy = format!(
        "WITH RECURSIVE numbers(number) AS ({numbers}) \
         INSERT INTO auth_account (id, email, password_hash, role, locale, is_demo, created_at) \
         SELECT {id}, $1 || {number} || $2, COALESCE($3, password_hash), role, locale, is_demo, created_at \
         FROM numbers, (SELECT * FROM auth_account ORDER BY created_at LIMIT 1) AS oldest"
    );
    let hash = hash.map(ToOwned::to_owned);
    let values: [Value; 4] = [prefix.into(), "@example.com".into(), hash.into(), i32::try_from(count)?.into()];
    database.execute_raw(Statement::from_sql_and_values(backend, copy, values)).await?;
    Ok(())
}

/// Leaves `events` committed events of as many keys in the outbox, and answers the number of the last one. Their values have
/// 300 bytes that can't be compressed, as those of Kafka's own tool.
///
/// Afterwards the table is as one that has grown slowly: autovacuum has come by, and what was written is on the disk.
pub(crate) async fn fill_outbox(database: &Database, events: u32) -> Result<i64> {
    let (event, topic) = (UserCreated::TYPE, UserCreated::TOPIC);
    let fill = format!(
        "INSERT INTO bus_outbox (segment, event_id, type, topic, key, payload, sealed, recorded_at) \
         SELECT current, gen_random_uuid(), '{event}', '{topic}', gen_random_uuid(), \
           convert_to('{{\"text\":\"' || left(noise, 289) || '\"}}', 'UTF8'), FALSE, now() \
         FROM bus_outbox_segment, generate_series(1, {events}) AS number, \
           LATERAL (SELECT string_agg(encode(sha256(convert_to(number || '/' || part, 'UTF8')), 'base64'), '') AS noise \
             FROM generate_series(1, 7) AS part) AS noises"
    );
    for statement in [fill.as_str(), "VACUUM ANALYZE bus_outbox", "CHECKPOINT"] {
        database.execute_unprepared(statement).await?;
    }
    number(database, "SELECT max(seq) FROM bus_outbox").await
}

/// Up to which number the relay knows of all events that they are in Kafka.
pub(crate) async fn relayed(database: &Database) -> Result<i64> {
    number(database, "SELECT coalesce(max(position), 0) FROM bus_position WHERE consumer = 'relay'").await
}

/// Leaves `letters` dead letters of as many keys.
pub(crate) async fn fill_dead_letters(database: &Database, letters: u32) -> Result<()> {
    let (event, topic) = (UserCreated::TYPE, UserCreated::TOPIC);
    let fill = format!(
        "INSERT INTO bus_dead_letter (consumer, cause, reason, attempts, state, created_at, event_id, type, topic, key, \
           payload, sealed, recorded_at) \
         SELECT 'bench', 'exhausted', 'the mail server said no', 12, 'open', now(), gen_random_uuid(), '{event}', \
           '{topic}', key, convert_to('{{\"id\":\"' || key || '\"}}', 'UTF8'), FALSE, now() \
         FROM (SELECT gen_random_uuid()::text AS key FROM generate_series(1, {letters})) AS keys"
    );
    database.execute_unprepared(&fill).await?;
    Ok(())
}

/// How many events are parked.
pub(crate) async fn parked(database: &Database) -> Result<i64> {
    number(database, "SELECT count(*) FROM bus_parked").await
}

/// Makes a table for the business, and one that takes what the outbox takes with one index and nothing else.
pub(crate) async fn make_business_tables(database: &Database) -> Result<()> {
    let tables = [
        "CREATE TABLE bench_order (id uuid PRIMARY KEY, note text NOT NULL, ordered_at timestamptz NOT NULL)",
        "CREATE TABLE bench_plain (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, \
           type text NOT NULL, topic text NOT NULL, key text NOT NULL, payload bytea NOT NULL, sealed boolean NOT NULL, \
           traceparent text, recorded_at timestamptz NOT NULL)",
    ];
    for table in tables {
        database.execute_unprepared(table).await?;
    }
    Ok(())
}

/// What the business writes for itself.
pub(crate) async fn insert_order(tx: &WriteTransaction, id: Uuid) -> Result<()> {
    let insert = "INSERT INTO bench_order (id, note, ordered_at) VALUES ($1, $2, $3)";
    execute(tx, insert, [id.into(), "to the harbour, without onions".into(), tx.now().into()]).await
}

/// The same bytes that recording `event` writes into the outbox.
pub(crate) async fn insert_plainly(tx: &WriteTransaction, event: &UserCreated) -> Result<()> {
    let insert = "INSERT INTO bench_plain (event_id, type, topic, key, payload, sealed, traceparent, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (id, now): (Uuid, Timestamp) = (tx.sources().uuid(), tx.now());
    let values: [Value; 8] = [
        id.into(),
        UserCreated::TYPE.into(),
        UserCreated::TOPIC.into(),
        event.key().into(),
        serde_json::to_vec(event)?.into(),
        false.into(),
        None::<String>.into(),
        now.into(),
    ];
    execute(tx, insert, values).await
}

/// Lets the planner know what the tables hold.
pub(crate) async fn analyze(database: &Database) -> Result<()> {
    let statement = match dialect(database) {
        Dialect::Postgres => "VACUUM ANALYZE",
        Dialect::Sqlite => "ANALYZE",
    };
    database.execute_unprepared(statement).await?;
    Ok(())
}

/// What this database speaks.
pub(crate) fn dialect(database: &Database) -> Dialect {
    if database.get_database_backend() == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite }
}

/// Rows that are written at once where tables are filled.
const CHUNK: u64 = 250_000;

/// Fills the tables that grow, and lets the planner know. Indexes are away meanwhile, and stand again as they stood.
pub(crate) async fn fill(database: &Database, filling: &Filling) -> Result<()> {
    let indexes = Indexes::take_away(database, &Filling::tables()).await?;
    for statement in filling.statements(CHUNK) {
        database.execute_unprepared(&statement).await?;
    }
    indexes.put_back(database).await
}

/// Adds rows that are to be trimmed.
pub(crate) async fn add_expired(database: &Database, filling: &Filling, count: u64) -> Result<()> {
    for statement in filling.expired(count) {
        database.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Adds `count` sessions that have ended, which nobody was told of.
pub(crate) async fn add_ended(database: &Database, filling: &Filling, count: u64) -> Result<()> {
    const CHUNK: u64 = 100_000;
    for statement in filling.ended(count, CHUNK) {
        database.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Whether `query` finds a row.
pub(crate) async fn finds_any(database: &Database, query: &str) -> Result<bool> {
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), query)).await?;
    Ok(row.is_some())
}

/// A UUID as the database has it in a statement.
fn literal(database: &Database, id: Uuid) -> String {
    match dialect(database) {
        Dialect::Postgres => format!("'{id}'"),
        Dialect::Sqlite => format!("x'{}'", id.simple()),
    }
}

/// Lets the account run restaurants, as its next log-in finds out.
pub(crate) async fn make_manager(database: &Database, email: &str) -> Result<()> {
    let tx = database.begin_read_committed().await?;
    execute(&tx, "UPDATE auth_account SET role = 'manager' WHERE email = $1", [email.into()]).await?;
    Ok(tx.commit().await?)
}

/// What rows without a time of their own have.
const AT: &str = "'2026-01-01T00:00:00+00:00'";

async fn execute(tx: &WriteTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

async fn number(database: &Database, sql: &str) -> Result<i64> {
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), sql)).await?;
    Ok(row.context("there is no such row")?.try_get_by_index(0)?)
}
