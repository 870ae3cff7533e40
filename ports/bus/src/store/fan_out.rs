//! `bus_fan_out`: the fan-outs under way, each with the cursor behind what it has recorded.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, Value};

use super::{Dialect, dialect, placeholders, sql};
use crate::fan_out::Place;
use crate::text;

/// A fan-out that is due.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) attempts: u32,
}

pub(crate) async fn insert(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    let insert = "INSERT INTO bus_fan_out (name, subject, attempts, reason, next_at, begun_at) \
        VALUES ($1, $2, 0, '', $3, $3) ON CONFLICT (name, subject) DO NOTHING";
    tx.execute_raw(sql(tx, insert, [name.into(), subject.into(), tx.now().into()])).await?;
    Ok(())
}

/// Whether one of `names` is due by `now`.
pub(crate) async fn is_due<C: Connection>(connection: &C, names: &[&str], now: Timestamp) -> Result<bool> {
    let names_in = placeholders(2, names.len());
    let select = format!("SELECT 1 FROM bus_fan_out WHERE next_at <= $1 AND name IN ({names_in}) LIMIT 1");
    let values = [now.into()].into_iter().chain(names.iter().map(|name| Value::from(*name)));
    Ok(connection.query_one_raw(sql(connection, &select, values)).await?.is_some())
}

/// The one of `names` that has been due for longest and that nobody expands just now; it is kept until `tx` ends.
pub(crate) async fn claim(tx: &WriteTransaction, names: &[&str]) -> Result<Option<Due>> {
    let unless_claimed = match dialect(tx) {
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "",
    };
    let select = format!(
        "SELECT name, subject, cursor, attempts FROM bus_fan_out WHERE next_at <= $1 AND name IN ({}) \
         ORDER BY next_at, name, subject LIMIT 1 {unless_claimed}",
        placeholders(2, names.len())
    );
    let values = [tx.now().into()].into_iter().chain(names.iter().map(|name| Value::from(*name)));
    let row = tx.query_one_raw(sql(tx, &select, values)).await?;
    let due = row.map(|row| {
        Ok::<_, DbErr>(Due {
            name: row.try_get_by_index(0)?,
            place: Place { subject: row.try_get_by_index(1)?, cursor: row.try_get_by_index(2)? },
            attempts: row.try_get_by_index::<i32>(3)?.cast_unsigned(),
        })
    });
    Ok(due.transpose()?)
}

/// Makes up to `limit` of `names` due `now` that are due after `horizon`, and that nobody expands. Answers how many.
pub(crate) async fn bring_forward(
    tx: &WriteTransaction,
    names: &[&str],
    (horizon, now): (Timestamp, Timestamp),
    limit: u64,
) -> Result<u64> {
    let unless_claimed = match dialect(tx) {
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "",
    };
    let update = format!(
        "UPDATE bus_fan_out SET next_at = $2 WHERE (name, subject) IN (SELECT name, subject FROM bus_fan_out \
         WHERE next_at > $1 AND name IN ({}) ORDER BY next_at LIMIT $3 {unless_claimed})",
        placeholders(4, names.len())
    );
    let values = [horizon.into(), now.into(), limit.cast_signed().into()];
    let values = values.into_iter().chain(names.iter().map(|name| Value::from(*name)));
    Ok(tx.execute_raw(sql(tx, &update, values)).await?.rows_affected())
}

/// Moves the cursor of `due`.
pub(crate) async fn advance(tx: &WriteTransaction, due: &Due, cursor: &str, next_at: Timestamp) -> Result<()> {
    let update = "UPDATE bus_fan_out SET cursor = $3, next_at = $4, attempts = 0, reason = '' \
        WHERE name = $1 AND subject = $2";
    let Due { name, place, .. } = due;
    let values = [name.into(), place.subject.as_str().into(), cursor.into(), next_at.into()];
    tx.execute_raw(sql(tx, update, values)).await?;
    Ok(())
}

/// Lets `due` wait after an attempt that failed, unless somebody came further with it or stopped it.
pub(crate) async fn postpone(tx: &WriteTransaction, due: &Due, reason: &str, next_at: Timestamp) -> Result<()> {
    let update = "UPDATE bus_fan_out SET attempts = attempts + 1, reason = $4, next_at = $5 \
        WHERE name = $1 AND subject = $2 AND attempts = $3 AND next_at <= $6";
    let Due { name, place, attempts } = due;
    let values = [
        name.into(),
        place.subject.as_str().into(),
        attempts.cast_signed().into(),
        text::storable(reason).into(),
        next_at.into(),
        tx.now().into(),
    ];
    tx.execute_raw(sql(tx, update, values)).await?;
    Ok(())
}

pub(crate) async fn set_due(tx: &WriteTransaction, name: &str, subject: &str, due: Option<Timestamp>) -> Result<()> {
    let update = "UPDATE bus_fan_out SET next_at = $3 WHERE name = $1 AND subject = $2";
    tx.execute_raw(sql(tx, update, [name.into(), subject.into(), due.into()])).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, name: &str, subject: &str) -> Result<()> {
    let delete = "DELETE FROM bus_fan_out WHERE name = $1 AND subject = $2";
    tx.execute_raw(sql(tx, delete, [name.into(), subject.into()])).await?;
    Ok(())
}
