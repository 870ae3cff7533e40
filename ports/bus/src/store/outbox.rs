//! `bus_outbox`: the log of recorded events. `seq` grows with every row and is never used again.

use clock::Timestamp;
use database::{Connection, LastRow, Result, WriteTransaction};
use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;

use super::position::{ALL_TOPICS, SERVER};
use super::{Dialect, dialect, placeholders, sql};
use crate::announced::Subject;
use crate::delivery::Delivery;
use crate::source::Arrival;

/// Leaves `delivery` to be added when `tx` commits.
///
/// On Postgres that waits for transactions that have added events of the same key, so that those are committed in the order
/// of their rows. Keys share [`LOCKS`] locks, because the server has room for a few thousand; two keys that share one only
/// wait for each other's commits.
pub(crate) fn append(tx: &WriteTransaction, delivery: &Delivery) {
    let key = format!("{}\n{}", delivery.topic, delivery.key);
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).as_u64_pair().0.cast_signed();
    let (segment, computed) = match dialect(tx) {
        Dialect::Postgres => ("segment, ", "(SELECT current FROM bus_outbox_segment), "),
        Dialect::Sqlite => ("", ""),
    };
    tx.insert_last(LastRow {
        lock: LOCK | (hash & (LOCKS - 1)),
        into: format!("INSERT INTO bus_outbox ({segment}{})", Delivery::COLUMNS),
        computed,
        values: delivery.values().into(),
    });
}

/// Makes the commit wake whoever reads `topic`.
pub(crate) fn announce(tx: &WriteTransaction, topic: &str) {
    for subject in [Subject::Recorded, Subject::RecordedIn(topic)] {
        tx.announce(&subject.to_string());
    }
}

/// The first of the locks, far from the numbers of others.
const LOCK: i64 = 0x6c65_7a7a_6574_0000;
/// How many there are, a power of two.
const LOCKS: i64 = 4_096;

/// More new rows than are searched for the first one.
const MANY: u64 = 10_000;

/// Which rows a reader wants next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Of this topic alone, if one is given.
    pub(crate) topic: Option<&'a str>,
    pub(crate) limit: u64,
}

impl Wanted<'_> {
    /// Whether `arrivals` are as many as are wanted.
    pub(crate) fn is_met_by(self, arrivals: &[Arrival]) -> bool {
        u64::try_from(arrivals.len()).is_ok_and(|rows| rows >= self.limit)
    }
}

/// The row with the number `seq`, which stands there until every reader is past it.
pub(crate) async fn at<C: Connection>(connection: &C, seq: i64) -> Result<Arrival> {
    let select = format!("SELECT seq, {} FROM bus_outbox WHERE seq = $1", Delivery::COLUMNS);
    let row = connection.query_one_raw(sql(connection, &select, [seq.into()])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("row {seq} of the outbox")))?;
    Ok(arrival(&row, 0)?)
}

/// The first rows behind `position`, where rows are committed in the order of their numbers.
pub(crate) async fn behind<C: Connection>(connection: &C, position: i64, wanted: Wanted<'_>) -> Result<Vec<Arrival>> {
    let of_topic = wanted.topic.map_or("", |_| "AND topic = $3");
    let select =
        format!("SELECT seq, {} FROM bus_outbox WHERE seq > $1 {of_topic} ORDER BY seq LIMIT $2", Delivery::COLUMNS);
    let values = [position.into(), wanted.limit.cast_signed().into()].into_iter().chain(wanted.topic.map(Value::from));
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    Ok(rows.iter().map(|row| arrival(row, 0)).collect::<std::result::Result<_, DbErr>>()?)
}

/// The first rows behind `position` of those that were committed between the snapshots `seen` and `until`, and which server
/// they are from; none where there are none.
pub(crate) async fn between<C: Connection>(
    connection: &C,
    (seen, until): (&str, &str),
    position: i64,
    wanted: Wanted<'_>,
) -> Result<Option<(String, Vec<Arrival>)>> {
    let select = between_sql(wanted);
    let values = [seen.into(), until.into(), position.into()];
    let values = values.into_iter().chain(wanted.topic.map(Value::from));
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let arrivals = rows.iter().map(|row| arrival(row, 1)).collect::<std::result::Result<_, DbErr>>()?;
    Ok(Some((first.try_get_by_index(0)?, arrivals)))
}

/// The limit is part of the text: if it were a value, the server would plan the same each time anew.
pub(crate) fn between_sql(wanted: Wanted<'_>) -> String {
    let of_topic = wanted.topic.map_or("", |_| "AND topic = $4");
    format!(
        "SELECT {SERVER}, seq, {} FROM bus_outbox WHERE seq > $3 \
         AND NOT pg_visible_in_snapshot(xid, (SELECT $1::text::pg_snapshot)) \
         AND pg_visible_in_snapshot(xid, (SELECT $2::text::pg_snapshot)) {of_topic} ORDER BY seq LIMIT {}",
        Delivery::COLUMNS,
        wanted.limit
    )
}

/// The present snapshot, which server it is of, and the first of the rows that were committed between `seen` and it.
pub(crate) async fn since<C: Connection>(
    connection: &C,
    seen: &str,
    wanted: Wanted<'_>,
) -> Result<((String, String), Vec<Arrival>)> {
    let select = since_sql(wanted);
    let values = [seen.into()].into_iter().chain(wanted.topic.map(Value::from));
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    let first = rows.first().ok_or_else(|| DbErr::RecordNotFound("the present snapshot".to_owned()))?;
    let until = (first.try_get_by_index(0)?, first.try_get_by_index(1)?);
    let is_empty = first.try_get_by_index::<Option<i64>>(2)?.is_none();
    let rows = if is_empty { &[] } else { &rows[..] };
    let arrivals = rows.iter().map(|row| arrival(row, 2)).collect::<std::result::Result<_, DbErr>>()?;
    Ok((until, arrivals))
}

/// Where to begin is asked of the index on `xid`: rows of transactions that `$1` knows as running, or that began later.
/// Where there are many, the beginning of the log will do: what stands there and was seen is soon trimmed.
pub(crate) fn since_sql(wanted: Wanted<'_>) -> String {
    let of_topic = wanted.topic.map_or("", |_| "AND topic = $2");
    format!(
        "SELECT now.*, o.* FROM (SELECT pg_current_snapshot()::text AS until, {SERVER} AS server) now LEFT JOIN \
         (SELECT seq, {} FROM bus_outbox WHERE seq >= (SELECT CASE WHEN count(*) > {MANY} THEN 0 ELSE min(seq) END FROM (\
            SELECT seq FROM bus_outbox WHERE xid >= (SELECT pg_snapshot_xmax($1::text::pg_snapshot)) \
              AND xid < (SELECT pg_snapshot_xmax(pg_current_snapshot())) {of_topic} \
            UNION ALL SELECT seq FROM bus_outbox \
              WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))) {of_topic} \
            LIMIT {MANY} + 1) news) \
          AND NOT pg_visible_in_snapshot(xid, (SELECT $1::text::pg_snapshot)) {of_topic} ORDER BY seq LIMIT {}) o \
         ON TRUE ORDER BY o.seq",
        Delivery::COLUMNS,
        wanted.limit
    )
}

/// Deletes up to `limit` rows of `topic` that all of `consumers` have taken, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, topic: &str, consumers: &[&str], limit: u64) -> Result<u64> {
    let positions =
        format!("FROM bus_position p WHERE p.topic = $1 AND p.consumer IN ({})", placeholders(3, consumers.len()));
    let is_taken = is_taken(tx, &positions);
    let of_topic = if topic == ALL_TOPICS { "TRUE" } else { "o.topic = $1" };
    let delete = format!(
        "DELETE FROM bus_outbox WHERE seq IN \
         (SELECT o.seq FROM bus_outbox o WHERE {of_topic} AND {is_taken} ORDER BY o.seq LIMIT $2)"
    );
    let values = [topic.into(), limit.cast_signed().into()].into_iter();
    let values = values.chain(consumers.iter().map(|consumer| Value::from(*consumer)));
    Ok(tx.execute_raw(sql(tx, &delete, values)).await?.rows_affected())
}

/// Whether the row `o` stands behind the position `p`.
pub(super) fn is_behind<C: Connection>(connection: &C) -> &'static str {
    match dialect(connection) {
        Dialect::Postgres => {
            "NOT (pg_visible_in_snapshot(o.xid, p.seen) \
             OR (o.seq <= p.position AND pg_visible_in_snapshot(o.xid, p.until)))"
        }
        Dialect::Sqlite => "o.seq > p.position",
    }
}

/// Whether the row `o` stands behind none of `positions`. The highest number among them keeps the search out of the part of
/// the log that nobody has taken.
fn is_taken<C: Connection>(connection: &C, positions: &str) -> String {
    match dialect(connection) {
        Dialect::Postgres => format!(
            "o.seq <= (SELECT max(p.position) {positions}) AND NOT EXISTS (SELECT 1 {positions} AND {})",
            is_behind(connection)
        ),
        Dialect::Sqlite => format!("o.seq <= (SELECT min(p.position) {positions})"),
    }
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

/// The arrival in a row whose columns from number `first` on are `seq` and [`Delivery::COLUMNS`].
pub(super) fn arrival(row: &QueryResult, first: usize) -> std::result::Result<Arrival, DbErr> {
    Ok(Arrival { offset: row.try_get_by_index(first)?, delivery: Delivery::read(row, first + 1)? })
}
