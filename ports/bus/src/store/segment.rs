//! `bus_outbox_0` and `bus_outbox_1`: the two segments of the log on Postgres, of which one takes new rows.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, Value};

use super::outbox::is_behind;
use super::position::ALL_TOPICS;
use super::sql;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment(i16);

/// Both of them.
#[derive(Debug)]
pub(crate) struct Segments {
    /// The one that takes no new rows.
    pub(crate) other: Segment,
    /// Bytes on disk, also of rows that were deleted, and of long values, which stand apart.
    pub(crate) current_size: i64,
    /// Bytes on disk without long values: only so an empty one has none.
    pub(crate) other_size: i64,
}

pub(crate) async fn both<C: Connection>(connection: &C) -> Result<Segments> {
    let select = "SELECT current, pg_table_size('bus_outbox_0'), pg_table_size('bus_outbox_1'), \
        pg_relation_size('bus_outbox_0'), pg_relation_size('bus_outbox_1') FROM bus_outbox_segment";
    let row = connection.query_one_raw(sql(connection, select, [])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("bus_outbox_segment".to_owned()))?;
    let current: i16 = row.try_get_by_index(0)?;
    let (current_at, other_at) = if current == 0 { (1, 4) } else { (2, 3) };
    let (current_size, other_size) = (row.try_get_by_index(current_at)?, row.try_get_by_index(other_at)?);
    Ok(Segments { other: Segment(1 - current), current_size, other_size })
}

/// Lets `next` take the new rows. One that is on its way may still come into the other one.
pub(crate) async fn switch(tx: &WriteTransaction, next: Segment) -> Result<()> {
    tx.execute_raw(sql(tx, "UPDATE bus_outbox_segment SET current = $1", [next.0.into()])).await?;
    Ok(())
}

/// Who reads the log: consumers with their topics.
pub(crate) type Readers<'a> = [(&'a str, &'a str)];

/// Keeps everybody else out of `segment` until `tx` ends; fails at once if somebody is in it.
pub(crate) async fn close(tx: &WriteTransaction, segment: Segment) -> Result<()> {
    tx.execute_unprepared(&format!("LOCK TABLE bus_outbox_{} IN ACCESS EXCLUSIVE MODE NOWAIT", segment.0)).await?;
    Ok(())
}

/// Whether a row in `segment` is still to be read by one of `readers`, or is read by none and younger than `since`.
///
/// It is asked again and again while a backlog is read, so it must be cheap: by their transactions the newest rows are looked
/// at first, which are read last, and none that is older than all that any reader has not seen.
pub(crate) async fn is_wanted<C: Connection>(
    connection: &C,
    segment: Segment,
    readers: &Readers<'_>,
    since: Timestamp,
) -> Result<bool> {
    let select = is_wanted_sql(connection, segment, readers.len());
    let values = readers.iter().flat_map(|(consumer, topic)| [Value::from(*consumer), Value::from(*topic)]);
    let values = [since.into()].into_iter().chain(values);
    Ok(connection.query_one_raw(sql(connection, &select, values)).await?.is_some())
}

pub(crate) fn is_wanted_sql<C: Connection>(connection: &C, segment: Segment, readers: usize) -> String {
    let pairs: Vec<String> = (0..readers).map(|pair| format!("(${}, ${})", 2 * pair + 2, 2 * pair + 3)).collect();
    let positions = format!("FROM bus_position p WHERE (p.consumer, p.topic) IN ({})", pairs.join(", "));
    format!(
        "(SELECT 1 FROM bus_outbox_{0} o \
          WHERE o.xid >= (SELECT pg_snapshot_xmin(p.seen) {positions} ORDER BY 1 LIMIT 1) \
            AND EXISTS (SELECT 1 {positions} AND p.topic IN (o.topic, '{ALL_TOPICS}') AND {1}) \
          ORDER BY o.xid DESC LIMIT 1) \
         UNION ALL \
         (SELECT 1 FROM bus_outbox_{0} o \
          WHERE NOT EXISTS (SELECT 1 {positions} AND p.topic = '{ALL_TOPICS}') \
            AND o.recorded_at >= $1 AND o.topic NOT IN (SELECT p.topic {positions}) LIMIT 1) \
         LIMIT 1",
        segment.0,
        is_behind(connection)
    )
}

/// Empties `segment` without leaving anything for a vacuum.
pub(crate) async fn truncate(tx: &WriteTransaction, segment: Segment) -> Result<()> {
    tx.execute_unprepared(&format!("TRUNCATE bus_outbox_{}", segment.0)).await?;
    Ok(())
}
