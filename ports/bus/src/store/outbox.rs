//! `bus_outbox`: the log of recorded events. `seq` grows with every row and is never used again.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::{placeholders, sql};
use crate::delivery::Delivery;
use crate::source::Arrival;

pub(crate) async fn append(tx: &WriteTransaction, event_type: &str, delivery: &Delivery) -> Result<()> {
    let insert =
        format!("INSERT INTO bus_outbox (type, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", Delivery::COLUMNS);
    let values = [event_type.into()].into_iter().chain(delivery.values());
    tx.execute_raw(sql(tx, &insert, values)).await?;
    Ok(())
}

/// The first `limit` rows of `topic` behind `position`.
pub(crate) async fn behind<C: Connection>(
    connection: &C,
    topic: &str,
    position: i64,
    limit: u64,
) -> Result<Vec<Arrival>> {
    let select = format!(
        "SELECT seq, {} FROM bus_outbox WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        Delivery::COLUMNS
    );
    let values = [topic.into(), position.into(), limit.cast_signed().into()];
    Ok(Arrival::find_by_statement(sql(connection, &select, values)).all(connection).await?)
}

/// Deletes up to `limit` rows of `topic` that stand at or before `position`, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, topic: &str, position: i64, limit: u64) -> Result<u64> {
    let delete = "DELETE FROM bus_outbox WHERE seq IN \
        (SELECT seq FROM bus_outbox WHERE topic = $1 AND seq <= $2 ORDER BY seq LIMIT $3)";
    let values = [topic.into(), position.into(), limit.cast_signed().into()];
    Ok(tx.execute_raw(sql(tx, delete, values)).await?.rows_affected())
}

/// Deletes those among the oldest `limit` rows that are of other topics than `heard` and were recorded before `until`.
pub(crate) async fn trim_unheard(tx: &WriteTransaction, heard: &[&str], until: Timestamp, limit: u64) -> Result<()> {
    let delete = format!(
        "DELETE FROM bus_outbox WHERE seq IN \
         (SELECT seq FROM (SELECT seq, topic, recorded_at FROM bus_outbox ORDER BY seq LIMIT $2) AS oldest \
          WHERE recorded_at < $1 AND NOT (topic IN ({})))",
        placeholders(3, heard.len())
    );
    let values =
        [until.into(), limit.cast_signed().into()].into_iter().chain(heard.iter().map(|topic| (*topic).into()));
    tx.execute_raw(sql(tx, &delete, values)).await?;
    Ok(())
}

impl FromQueryResult for Arrival {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self { offset: row.try_get(prefix, "seq")?, delivery: Delivery::from_query_result(row, prefix)? })
    }
}
