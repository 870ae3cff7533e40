//! `bus_held`: events of topics that refuse them at present, by their numbers in the outbox. They wait here, so that the log
//! goes on without them and is trimmed as ever.

use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, Value};

use super::outbox::arrival;
use super::{placeholders, sql};
use crate::delivery::Delivery;
use crate::source::Arrival;

/// Adds `arrivals`; those that stand here already stay as they are.
pub(crate) async fn insert(tx: &WriteTransaction, arrivals: &[Arrival]) -> Result<()> {
    let insert = format!(
        "INSERT INTO bus_held (seq, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (seq) DO NOTHING",
        Delivery::COLUMNS
    );
    for Arrival { offset, delivery } in arrivals {
        let values = [Value::from(*offset)].into_iter().chain(delivery.values());
        tx.execute_raw(sql(tx, &insert, values)).await?;
    }
    Ok(())
}

/// The topics of which anything stands here.
pub(crate) async fn topics<C: Connection>(connection: &C) -> Result<Vec<String>> {
    let rows = connection.query_all_raw(sql(connection, "SELECT DISTINCT topic FROM bus_held", [])).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, DbErr>>()?)
}

/// The first rows of `topic`.
pub(crate) async fn first<C: Connection>(connection: &C, topic: &str, limit: u64) -> Result<Vec<Arrival>> {
    let select = format!("SELECT seq, {} FROM bus_held WHERE topic = $1 ORDER BY seq LIMIT $2", Delivery::COLUMNS);
    let values = [topic.into(), limit.cast_signed().into()];
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    Ok(rows.iter().map(|row| arrival(row, 0)).collect::<std::result::Result<_, DbErr>>()?)
}

/// Deletes the rows with these numbers. By each number, because one that was committed late may have come in before them.
pub(crate) async fn delete(tx: &WriteTransaction, numbers: &[i64]) -> Result<()> {
    let delete = format!("DELETE FROM bus_held WHERE seq IN ({})", placeholders(1, numbers.len()));
    tx.execute_raw(sql(tx, &delete, numbers.iter().map(|number| Value::from(*number)))).await?;
    Ok(())
}
