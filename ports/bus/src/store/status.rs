//! What the tables say about how the bus is doing.

use clock::Timestamp;
use database::{Connection, Database, Result};
use sea_orm::{FromQueryResult, Value};

use super::{placeholders, sql};
use crate::model::Cause;

/// What stands in a topic that not every consumer has taken.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Depth {
    pub(crate) topic: String,
    pub(crate) records: i64,
    pub(crate) oldest: Timestamp,
}

/// The topics of which something stands there.
pub(crate) async fn depths(database: &Database) -> Result<Vec<Depth>> {
    let select = "SELECT o.topic AS topic, count(*) AS records, min(o.recorded_at) AS oldest FROM bus_outbox o \
        LEFT JOIN (SELECT topic, min(position) AS passed FROM bus_position GROUP BY topic) p ON p.topic = o.topic \
        WHERE p.passed IS NULL OR o.seq > p.passed GROUP BY o.topic";
    Ok(Depth::find_by_statement(sql(database, select, [])).all(database).await?)
}

/// What a consumer has not taken of a topic, and how many keys of it are parked.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Lag {
    pub(crate) consumer: String,
    pub(crate) topic: String,
    pub(crate) records: i64,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) parked_keys: i64,
}

/// All consumers of all topics.
pub(crate) async fn lags(database: &Database) -> Result<Vec<Lag>> {
    let select = "SELECT p.consumer AS consumer, p.topic AS topic, count(o.seq) AS records, min(o.recorded_at) AS oldest, \
        (SELECT count(*) FROM bus_parked k \
         WHERE k.consumer = p.consumer AND k.topic = p.topic AND k.next_at IS NOT NULL) AS parked_keys \
        FROM bus_position p LEFT JOIN bus_outbox o ON o.topic = p.topic AND o.seq > p.position \
        GROUP BY p.consumer, p.topic ORDER BY p.topic, p.consumer";
    Ok(Lag::find_by_statement(sql(database, select, [])).all(database).await?)
}

/// How many dead letters of `cause` are open.
pub(crate) async fn open_dead_letters(database: &Database, cause: Cause) -> Result<u64> {
    let select = "SELECT count(*) FROM bus_dead_letter WHERE state = 'open' AND cause = $1";
    let row = database.query_one_raw(sql(database, select, [cause.as_str().into()])).await?;
    let letters = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(letters.unwrap_or_default().cast_unsigned())
}

/// Whether one of `consumers` has something to take, or to try again by `now`. Asked in one query, so that an effect which
/// records further events is not seen without them.
pub(crate) async fn is_busy(database: &Database, consumers: &[&str], now: Timestamp) -> Result<bool> {
    let names = placeholders(2, consumers.len());
    let select = format!(
        "SELECT 1 FROM bus_position p JOIN bus_outbox o ON o.topic = p.topic AND o.seq > p.position \
         WHERE p.consumer IN ({names}) \
         UNION ALL SELECT 1 FROM bus_parked WHERE next_at <= $1 AND consumer IN ({names}) LIMIT 1"
    );
    let values = [now.into()].into_iter().chain(consumers.iter().map(|name| Value::from(*name)));
    Ok(database.query_one_raw(sql(database, &select, values)).await?.is_some())
}
