//! `bus_position`: how far each consumer has come in each topic of the log.

use std::collections::BTreeMap;

use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, QueryResult, Value};

use super::{Dialect, dialect, sql};
use crate::model::position::{LogPosition, SnapshotRange};

/// Which server answers, as long as it runs: no other one was started at that microsecond.
pub(super) const SERVER: &str = "extract(epoch FROM pg_postmaster_start_time())::text";

/// Lets `consumer` begin `topic` with the oldest row that remains, unless it has begun already.
pub(crate) async fn register(tx: &WriteTransaction, consumer: &str, topic: &str) -> Result<()> {
    let insert = "INSERT INTO bus_position (consumer, topic, position) VALUES ($1, $2, 0) \
        ON CONFLICT (consumer, topic) DO NOTHING";
    tx.execute_raw(sql(tx, insert, [consumer.into(), topic.into()])).await?;
    Ok(())
}

/// Up to where the relay called `name` has copied the log.
pub(crate) async fn relayed<C: Connection>(connection: &C, name: &str) -> Result<LogPosition> {
    let mark = of(connection, name).await?.remove(ALL_TOPICS);
    Ok(mark.ok_or_else(|| DbErr::RecordNotFound(format!("the position of {name}")))?)
}

/// The positions of `consumer`, by topic.
pub(crate) async fn of<C: Connection>(connection: &C, consumer: &str) -> Result<BTreeMap<String, LogPosition>> {
    let columns = match dialect(connection) {
        Dialect::Postgres => format!("topic, position, seen::text AS seen, until::text AS until, {SERVER} AS server"),
        Dialect::Sqlite => "topic, position".to_owned(),
    };
    let select = format!("SELECT {columns} FROM bus_position WHERE consumer = $1");
    let rows = connection.query_all_raw(sql(connection, &select, [consumer.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "topic")?, mark(connection, row)?))).collect()
}

/// Each consumer with each topic that it reads.
pub(crate) async fn readers<C: Connection>(connection: &C) -> Result<Vec<(String, String)>> {
    let select = "SELECT consumer, topic FROM bus_position WHERE topic <> $1";
    let rows = connection.query_all_raw(sql(connection, select, [ALL_TOPICS.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Notes that `consumer` needs nothing of `topic` again that stands at or before `mark`; false if since `epoch` another one
/// has taken over, or another server.
pub(crate) async fn advance(
    tx: &WriteTransaction,
    (consumer, topic): (&str, &str),
    mark: &LogPosition,
    epoch: i64,
) -> Result<bool> {
    let values: [Value; 4] = [consumer.into(), topic.into(), epoch.into(), mark.seq.into()];
    let (changes, condition, snapshots) = match &mark.cut {
        SnapshotRange::Whole => ("position = $4", String::new(), Vec::new()),
        SnapshotRange::Between { seen, until, server } => (
            "position = $4, seen = $5::text::pg_snapshot, until = $6::text::pg_snapshot",
            format!("AND {SERVER} = $7"),
            vec![seen.as_ref().into(), until.as_ref().into(), server.as_ref().into()],
        ),
    };
    let update =
        format!("UPDATE bus_position SET {changes} WHERE consumer = $1 AND topic = $2 AND epoch = $3 {condition}");
    let done = tx.execute_raw(sql(tx, &update, values.into_iter().chain(snapshots))).await?;
    Ok(done.rows_affected() > 0)
}

/// The database in which `consumer` read Kafka last; none if it never did.
pub(crate) async fn origin<C: Connection>(connection: &C, consumer: &str) -> Result<Option<String>> {
    let select = "SELECT origin FROM bus_position WHERE consumer = $1 AND origin IS NOT NULL LIMIT 1";
    let row = connection.query_one_raw(sql(connection, select, [consumer.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Notes that `consumer` reads in the database called `origin`, which has counted up to `progress`.
pub(crate) async fn set_origin(tx: &WriteTransaction, consumer: &str, origin: &str, progress: i64) -> Result<()> {
    let update = "UPDATE bus_position SET origin = $2, progress = $3 WHERE consumer = $1";
    tx.execute_raw(sql(tx, update, [consumer.into(), origin.into(), progress.into()])).await?;
    Ok(())
}

/// How far `consumer` has counted in this database.
pub(crate) async fn progress<C: Connection>(connection: &C, consumer: &str) -> Result<i64> {
    let select = "SELECT progress FROM bus_position WHERE consumer = $1";
    let rows = connection.query_all_raw(sql(connection, select, [consumer.into()])).await?;
    furthest(&rows)
}

/// Counts on, and answers how far that is.
pub(crate) async fn count_on(tx: &WriteTransaction, consumer: &str) -> Result<i64> {
    let update = "UPDATE bus_position SET progress = progress + 1 WHERE consumer = $1 RETURNING progress";
    let rows = tx.query_all_raw(sql(tx, update, [consumer.into()])).await?;
    furthest(&rows)
}

pub(crate) async fn set_progress(tx: &WriteTransaction, consumer: &str, progress: i64) -> Result<()> {
    let update = "UPDATE bus_position SET progress = $2 WHERE consumer = $1";
    tx.execute_raw(sql(tx, update, [consumer.into(), progress.into()])).await?;
    Ok(())
}

/// A topic that its consumer began later counts behind the others.
fn furthest(rows: &[QueryResult]) -> Result<i64> {
    let progress = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<Vec<i64>, DbErr>>()?;
    Ok(progress.into_iter().max().unwrap_or_default())
}

/// Whether the epoch of `consumer` in `topic` is still `epoch`; until `tx` ends it is.
pub(crate) async fn is_current(tx: &WriteTransaction, (consumer, topic): (&str, &str), epoch: i64) -> Result<bool> {
    let update = "UPDATE bus_position SET epoch = epoch WHERE consumer = $1 AND topic = $2 AND epoch = $3";
    let done = tx.execute_raw(sql(tx, update, [consumer.into(), topic.into(), epoch.into()])).await?;
    Ok(done.rows_affected() > 0)
}

/// Stands for all topics where one reader reads them as one.
pub(crate) const ALL_TOPICS: &str = "*";

/// Takes `topic` over from whoever read it as `consumer` before, and answers the new epoch.
pub(crate) async fn take_over(tx: &WriteTransaction, consumer: &str, topic: &str) -> Result<i64> {
    register(tx, consumer, topic).await?;
    let update = "UPDATE bus_position SET epoch = epoch + 1 WHERE consumer = $1 AND topic = $2 RETURNING epoch";
    let row = tx.query_one_raw(sql(tx, update, [consumer.into(), topic.into()])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("the position of {consumer}")))?;
    Ok(row.try_get_by_index(0)?)
}

fn mark<C: Connection>(connection: &C, row: &QueryResult) -> Result<LogPosition, DbErr> {
    let text = |name| row.try_get::<String>("", name).map(Into::into);
    let cut = match dialect(connection) {
        Dialect::Postgres => {
            SnapshotRange::Between { seen: text("seen")?, until: text("until")?, server: text("server")? }
        }
        Dialect::Sqlite => SnapshotRange::Whole,
    };
    Ok(LogPosition { cut, seq: row.try_get("", "position")? })
}
