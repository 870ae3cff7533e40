//! What the tables say about how the bus is doing.

use std::collections::BTreeMap;

use clock::Timestamp;
use database::{Connection, Database, Result};
use sea_orm::{DbErr, FromQueryResult, Value};

use super::outbox::is_behind;
use super::position::ALL_TOPICS;
use super::{Dialect, dialect, placeholders, sql};
use crate::relay;

/// What stands in a topic that not every consumer has taken.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Depth {
    pub(crate) topic: String,
    pub(crate) records: i64,
    pub(crate) oldest: Timestamp,
}

/// The topics of which something stands there; of a long backlog the oldest [`COUNTED`] are counted.
pub(crate) async fn depths(database: &Database) -> Result<Vec<Depth>> {
    let select = format!(
        "SELECT o.topic AS topic, count(*) AS records, min(o.recorded_at) AS oldest FROM \
         (SELECT o.topic, o.recorded_at FROM bus_outbox o \
          WHERE NOT EXISTS (SELECT 1 FROM bus_position p WHERE p.topic = o.topic) \
          OR EXISTS (SELECT 1 FROM bus_position p WHERE p.topic = o.topic AND {}) ORDER BY o.seq LIMIT {COUNTED}) o \
         GROUP BY o.topic",
        is_behind(database)
    );
    Ok(Depth::find_by_statement(sql(database, &select, [])).all(database).await?)
}

/// The topics of which something stands there that the relay has not copied, and those of which something is held. Of a long backlog the oldest [`COUNTED`] are
/// counted, so that asking does not hold up the relay; nor are the few that were numbered before its position and committed
/// late.
pub(crate) async fn depths_behind_relay(database: &Database) -> Result<Vec<Depth>> {
    let unseen = match dialect(database) {
        Dialect::Postgres => "NOT coalesce(pg_visible_in_snapshot(xid, (SELECT seen FROM p)), FALSE)",
        Dialect::Sqlite => "TRUE",
    };
    let select = format!(
        "WITH p AS (SELECT * FROM bus_position WHERE consumer = $1 AND topic = $2) \
         SELECT o.topic AS topic, count(*) AS records, min(o.recorded_at) AS oldest FROM (SELECT topic, recorded_at \
         FROM bus_outbox WHERE seq > coalesce((SELECT position FROM p), 0) AND {unseen} ORDER BY seq LIMIT {COUNTED}) o \
         GROUP BY o.topic UNION ALL \
         SELECT h.topic AS topic, count(*) AS records, min(h.recorded_at) AS oldest FROM bus_held h GROUP BY h.topic"
    );
    let values = [relay::NAME.into(), ALL_TOPICS.into()];
    Ok(Depth::find_by_statement(sql(database, &select, values)).all(database).await?)
}

/// How many rows of a backlog are counted at most.
const COUNTED: u64 = 10_000;

/// What a consumer has not taken of a topic, and how many keys of it are parked.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Lag {
    pub(crate) consumer: String,
    pub(crate) topic: String,
    pub(crate) records: i64,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) parked_keys: i64,
}

/// All consumers of all topics; of a long backlog the oldest [`COUNTED`] are counted.
pub(crate) async fn lags(database: &Database) -> Result<Vec<Lag>> {
    let behind = format!(
        "FROM (SELECT o.recorded_at FROM bus_outbox o WHERE o.topic = p.topic AND {} ORDER BY o.seq LIMIT {COUNTED}) o",
        is_behind(database)
    );
    let select = format!(
        "SELECT p.consumer AS consumer, p.topic AS topic, (SELECT count(*) {behind}) AS records, \
         (SELECT min(o.recorded_at) {behind}) AS oldest, (SELECT count(*) FROM bus_parked k \
          WHERE k.consumer = p.consumer AND k.topic = p.topic AND k.next_at IS NOT NULL) AS parked_keys \
         FROM bus_position p ORDER BY p.topic, p.consumer"
    );
    Ok(Lag::find_by_statement(sql(database, &select, [])).all(database).await?)
}

/// How many dead letters are open, by cause.
pub(crate) async fn open_dead_letters(database: &Database) -> Result<BTreeMap<String, u64>> {
    let select = "SELECT cause, count(*) FROM bus_dead_letter WHERE state = 'open' GROUP BY cause";
    let rows = database.query_all_raw(sql(database, select, [])).await?;
    let counts = rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index::<i64>(1)?.cast_unsigned())));
    Ok(counts.collect::<std::result::Result<_, DbErr>>()?)
}

/// Whether one of `consumers` has something to take, or to try again by `now`. Asked in one query, so that an effect which
/// records further events is not seen without them.
pub(crate) async fn is_busy(database: &Database, consumers: &[&str], now: Timestamp) -> Result<bool> {
    let names = placeholders(2, consumers.len());
    let select = format!(
        "SELECT 1 FROM bus_position p JOIN bus_outbox o ON o.topic = p.topic AND {} \
         WHERE p.consumer IN ({names}) \
         UNION ALL SELECT 1 FROM bus_parked WHERE next_at <= $1 AND consumer IN ({names}) LIMIT 1",
        is_behind(database)
    );
    let values = [now.into()].into_iter().chain(consumers.iter().map(|name| Value::from(*name)));
    Ok(database.query_one_raw(sql(database, &select, values)).await?.is_some())
}

/// Whether the relay has something to copy, or one of `consumers` something to try again by `now`.
pub(crate) async fn is_busy_relaying(database: &Database, consumers: &[&str], now: Timestamp) -> Result<bool> {
    let select = format!(
        "SELECT 1 FROM bus_outbox o LEFT JOIN bus_position p ON p.consumer = $2 AND p.topic = $3 \
         WHERE p.consumer IS NULL OR {} \
         UNION ALL SELECT 1 FROM bus_held \
         UNION ALL SELECT 1 FROM bus_parked WHERE next_at <= $1 AND consumer IN ({}) LIMIT 1",
        is_behind(database),
        placeholders(4, consumers.len())
    );
    let values = [now.into(), relay::NAME.into(), ALL_TOPICS.into()].into_iter();
    let values = values.chain(consumers.iter().map(|name| Value::from(*name)));
    Ok(database.query_one_raw(sql(database, &select, values)).await?.is_some())
}

/// Who reads which topic, and how many keys of it are parked there.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Reading {
    pub(crate) consumer: String,
    pub(crate) topic: String,
    pub(crate) parked_keys: i64,
}

/// All consumers of all topics, without the relay.
pub(crate) async fn readings(database: &Database) -> Result<Vec<Reading>> {
    let select = "SELECT p.consumer AS consumer, p.topic AS topic, (SELECT count(*) FROM bus_parked k \
         WHERE k.consumer = p.consumer AND k.topic = p.topic AND k.next_at IS NOT NULL) AS parked_keys \
        FROM bus_position p WHERE p.topic <> $1 ORDER BY p.topic, p.consumer";
    Ok(Reading::find_by_statement(sql(database, select, [ALL_TOPICS.into()])).all(database).await?)
}
