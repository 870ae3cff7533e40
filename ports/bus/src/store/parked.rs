//! `bus_parked`: events that a consumer tries again, and those that wait behind them, in order.
//!
//! `next_at` is set for the first row of each key and null for those behind it, so the rows to try are found by their
//! index alone, however long a queue is.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, QueryResult, Value};

use super::{Dialect, dialect, sql};
use crate::delivery::Delivery;
use crate::model::{Key, Stage};
use crate::text;

/// The first row of a key.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) seq: i64,
    pub(crate) stage: Stage,
    pub(crate) attempts: u32,
    pub(crate) next_at: Timestamp,
    pub(crate) delivery: Delivery,
}

/// What a new row says besides its delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting<'a> {
    pub(crate) stage: Stage,
    pub(crate) attempts: u32,
    pub(crate) reason: &'a str,
    /// When it is tried, unless others of its key stand before it.
    pub(crate) next_at: Timestamp,
}

/// The name of the queue that `delivery` belongs to. Whoever changes one has it to itself.
pub(crate) fn turn(consumer: &str, delivery: &Delivery) -> String {
    format!("parked {consumer}\n{}\n{}", delivery.topic, delivery.key)
}

/// Events of one key keep their order among one consumer's events of one topic.
fn queue(consumer: &str, delivery: &Delivery) -> [Value; 3] {
    [consumer.into(), delivery.topic.as_str().into(), delivery.key.as_str().into()]
}

/// Whether events of the key of `delivery` stand here.
pub(crate) async fn key(tx: &WriteTransaction, consumer: &str, delivery: &Delivery) -> Result<Key> {
    let select = "SELECT 1 FROM bus_parked WHERE consumer = $1 AND topic = $2 AND key = $3 LIMIT 1";
    let row = tx.query_one_raw(sql(tx, select, queue(consumer, delivery))).await?;
    Ok(if row.is_some() { Key::Parked } else { Key::Free })
}

/// Adds `delivery` at the end of the queue of its key.
pub(crate) async fn push(
    tx: &WriteTransaction,
    consumer: &str,
    delivery: &Delivery,
    waiting: Waiting<'_>,
) -> Result<()> {
    let insert = format!(
        "INSERT INTO bus_parked (consumer, {}, settling, attempts, reason, next_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN EXISTS \
         (SELECT 1 FROM bus_parked WHERE consumer = $1 AND topic = $4 AND key = $5) THEN NULL ELSE $13 END",
        Delivery::COLUMNS
    );
    let Waiting { stage, attempts, reason, next_at } = waiting;
    let state = [
        (stage == Stage::AfterCommit).into(),
        attempts.cast_signed().into(),
        text::storable(reason).into(),
        next_at.into(),
    ];
    let values = [consumer.into()].into_iter().chain(delivery.values()).chain(state);
    tx.execute_raw(sql(tx, &insert, values)).await?;
    Ok(())
}

/// Up to `limit` rows of `consumer` that are to be tried by `until`, the earliest first.
pub(crate) async fn upcoming<C: Connection>(
    connection: &C,
    consumer: &str,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<Parked>> {
    let select = format!(
        "SELECT seq, settling, attempts, next_at, {} FROM bus_parked WHERE consumer = $1 AND next_at <= $2 \
         ORDER BY next_at, seq LIMIT $3",
        Delivery::COLUMNS
    );
    let values = [consumer.into(), until.into(), limit.cast_signed().into()];
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    Ok(rows.iter().map(Parked::read).collect::<std::result::Result<_, DbErr>>()?)
}

/// Makes up to `limit` rows of `consumer` due `now` that are to be tried after `horizon`, and that nobody works on. Answers how
/// many.
pub(crate) async fn bring_forward(
    tx: &WriteTransaction,
    consumer: &str,
    (horizon, now): (Timestamp, Timestamp),
    limit: u64,
) -> Result<u64> {
    let unless_claimed = match dialect(tx) {
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "",
    };
    let update = format!(
        "UPDATE bus_parked SET next_at = $3 WHERE seq IN \
         (SELECT seq FROM bus_parked WHERE consumer = $1 AND next_at > $2 ORDER BY next_at LIMIT $4 {unless_claimed})"
    );
    let values = [consumer.into(), horizon.into(), now.into(), limit.cast_signed().into()];
    Ok(tx.execute_raw(sql(tx, &update, values)).await?.rows_affected())
}

/// Claims the row `seq` for hearing it: once that commits, what is left follows the commit. False if it is, or was, tried
/// elsewhere.
pub(crate) async fn claim(tx: &WriteTransaction, seq: i64, attempts: u32) -> Result<bool> {
    let unless_claimed = match dialect(tx) {
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "",
    };
    let update = format!(
        "UPDATE bus_parked SET settling = TRUE, attempts = 0 WHERE seq = \
         (SELECT seq FROM bus_parked WHERE seq = $1 AND attempts = $2 AND NOT settling {unless_claimed})"
    );
    Ok(tx.execute_raw(sql(tx, &update, [seq.into(), attempts.cast_signed().into()])).await?.rows_affected() > 0)
}

/// Lets the row `seq` wait again after another attempt than the `attempts` before, unless it came further elsewhere.
pub(crate) async fn postpone(tx: &WriteTransaction, seq: i64, attempts: u32, waiting: Waiting<'_>) -> Result<()> {
    let update = "UPDATE bus_parked SET attempts = $4, reason = $5, next_at = $6 \
        WHERE seq = $1 AND attempts = $2 AND settling = $3";
    let Waiting { stage, attempts: now, reason, next_at } = waiting;
    let values = [
        seq.into(),
        attempts.cast_signed().into(),
        (stage == Stage::AfterCommit).into(),
        now.cast_signed().into(),
        text::storable(reason).into(),
        next_at.into(),
    ];
    tx.execute_raw(sql(tx, update, values)).await?;
    Ok(())
}

/// Deletes the row `seq`, which was not heard at one attempt more than `attempts`. False if it came further elsewhere.
pub(crate) async fn give_up(tx: &WriteTransaction, seq: i64, attempts: u32) -> Result<bool> {
    let delete = "DELETE FROM bus_parked WHERE seq = $1 AND attempts = $2 AND NOT settling";
    Ok(tx.execute_raw(sql(tx, delete, [seq.into(), attempts.cast_signed().into()])).await?.rows_affected() > 0)
}

/// Deletes the row `seq`.
pub(crate) async fn delete(tx: &WriteTransaction, seq: i64) -> Result<()> {
    tx.execute_raw(sql(tx, "DELETE FROM bus_parked WHERE seq = $1", [seq.into()])).await?;
    Ok(())
}

/// Makes the first row of the key of `delivery` due if it waited behind one that is gone now.
pub(crate) async fn release_first(tx: &WriteTransaction, consumer: &str, delivery: &Delivery) -> Result<()> {
    let update = "UPDATE bus_parked SET next_at = $4 WHERE next_at IS NULL AND seq = \
        (SELECT min(seq) FROM bus_parked WHERE consumer = $1 AND topic = $2 AND key = $3)";
    let values = queue(consumer, delivery).into_iter().chain([tx.now().into()]);
    tx.execute_raw(sql(tx, update, values)).await?;
    Ok(())
}

impl Parked {
    fn read(row: &QueryResult) -> std::result::Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get_by_index(0)?,
            stage: if row.try_get_by_index(1)? { Stage::AfterCommit } else { Stage::Hear },
            attempts: row.try_get_by_index::<i32>(2)?.cast_unsigned(),
            next_at: row.try_get_by_index(3)?,
            delivery: Delivery::read(row, 4)?,
        })
    }
}
