//! `bus_origin`: which database the log was written in, on Postgres, where its rows name transactions.

use database::{Connection, Result, WriteTransaction};
use sea_orm::DbErr;

use super::sql;

/// The system identifier of that database; empty while nobody has asked.
pub(crate) async fn get(tx: &WriteTransaction) -> Result<String> {
    let row = tx.query_one_raw(sql(tx, "SELECT system_identifier FROM bus_origin", [])).await?;
    Ok(row.ok_or_else(|| DbErr::RecordNotFound("bus_origin".to_owned()))?.try_get_by_index(0)?)
}

pub(crate) async fn set(tx: &WriteTransaction, system_identifier: &str) -> Result<()> {
    tx.execute_raw(sql(tx, "UPDATE bus_origin SET system_identifier = $1", [system_identifier.into()])).await?;
    Ok(())
}

/// Whether a reader has seen transactions that this server has not begun: the log comes from another one, or this one lags
/// behind the one that it took over from.
pub(crate) async fn is_behind<C: Connection>(connection: &C) -> Result<bool> {
    let select =
        "SELECT 1 FROM bus_position WHERE pg_snapshot_xmax(until) > pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1";
    Ok(connection.query_one_raw(sql(connection, select, [])).await?.is_some())
}

/// Rows renewed by one statement, so that none takes long however many there are.
const CHUNK: i64 = 2_000;

/// Makes all rows those of `tx`, and lets everybody begin anew; consumers of Kafka at their next start.
pub(crate) async fn renew_log(tx: &WriteTransaction) -> Result<()> {
    let next = "SELECT max(seq) FROM (SELECT seq FROM bus_outbox WHERE seq > $1 ORDER BY seq LIMIT $2) AS chunk";
    let renew = "UPDATE bus_outbox SET xid = pg_current_xact_id() WHERE seq > $1 AND seq <= $2";
    let mut renewed = 0_i64;
    while let Some(row) = tx.query_one_raw(sql(tx, next, [renewed.into(), CHUNK.into()])).await?
        && let Some(last) = row.try_get_by_index::<Option<i64>>(0)?
    {
        tx.execute_raw(sql(tx, renew, [renewed.into(), last.into()])).await?;
        renewed = last;
    }
    tx.execute_unprepared("UPDATE bus_position SET position = 0, seen = '3:3:', until = '3:3:', origin = ''").await?;
    Ok(())
}
