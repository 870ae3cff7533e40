//! `bus_position`: how far each consumer has come in each topic, while the outbox itself is the log.

use std::collections::BTreeMap;

use database::{Connection, Result, WriteTransaction};

use super::sql;

/// Lets `consumer` begin `topic` with the oldest row that remains, unless it has begun already.
pub(crate) async fn register(tx: &WriteTransaction, consumer: &str, topic: &str) -> Result<()> {
    let insert = "INSERT INTO bus_position (consumer, topic, position) VALUES ($1, $2, 0) \
        ON CONFLICT (consumer, topic) DO NOTHING";
    tx.execute_raw(sql(tx, insert, [consumer.into(), topic.into()])).await?;
    Ok(())
}

/// The positions of `consumer`, by topic.
pub(crate) async fn of<C: Connection>(connection: &C, consumer: &str) -> Result<BTreeMap<String, i64>> {
    let select = "SELECT topic, position FROM bus_position WHERE consumer = $1";
    let rows = connection.query_all_raw(sql(connection, select, [consumer.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "topic")?, row.try_get("", "position")?))).collect()
}

/// Notes that `consumer` needs nothing of `topic` at or before `position` again.
pub(crate) async fn advance(tx: &WriteTransaction, consumer: &str, topic: &str, position: i64) -> Result<()> {
    let update = "UPDATE bus_position SET position = $3 WHERE consumer = $1 AND topic = $2 AND position < $3";
    tx.execute_raw(sql(tx, update, [consumer.into(), topic.into(), position.into()])).await?;
    Ok(())
}
