//! `bus_dead_letter`: events that a consumer gave up, and in `bus_dead_letter_action` what operators did with them.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};

use super::{placeholders, sql};
use crate::dead_letters::{Action, DeadLetterId, Filter, Scope, Slice, State};
use crate::delivery::Delivery;
use crate::model::Cause;
use crate::text;

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: DeadLetterId,
    pub(crate) consumer: String,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
    pub(crate) state: State,
    pub(crate) created_at: Timestamp,
    pub(crate) delivery: Delivery,
}

/// Why and after how much work an event was given up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buried<'a> {
    pub(crate) cause: Cause,
    pub(crate) attempts: u32,
    pub(crate) reason: &'a str,
}

pub(crate) async fn insert(
    tx: &WriteTransaction,
    consumer: &str,
    delivery: &Delivery,
    buried: Buried<'_>,
) -> Result<()> {
    let insert = format!(
        "INSERT INTO bus_dead_letter (consumer, {}, cause, attempts, reason, state, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        Delivery::COLUMNS
    );
    let Buried { cause, attempts, reason } = buried;
    let rest = [
        cause.as_str().into(),
        attempts.cast_signed().into(),
        text::storable(reason).into(),
        State::Open.into(),
        tx.now().into(),
    ];
    let values = [consumer.into()].into_iter().chain(delivery.values()).chain(rest);
    tx.execute_raw(sql(tx, &insert, values)).await?;
    Ok(())
}

const COLUMNS: &str = "id, consumer, reason, attempts, state, created_at";

/// Those that `filter` and `scope` let through, oldest first.
pub(crate) async fn find<C: Connection>(
    connection: &C,
    filter: &Filter,
    scope: Scope,
    slice: Slice,
) -> Result<Vec<Row>> {
    let select = format!(
        "SELECT {COLUMNS}, {} FROM bus_dead_letter \
         WHERE id > $1 AND ($2 IS NULL OR consumer = $2) AND ($3 IS NULL OR topic = $3) \
         AND ($4 IS NULL OR key = $4) AND ($5 IS NULL OR reason LIKE $5 ESCAPE '\\') AND ($6 IS NULL OR state = $6) \
         ORDER BY id LIMIT $7",
        Delivery::COLUMNS
    );
    let Filter { consumer, topic, key, reason } = filter;
    let state = match scope {
        Scope::Only(state) => Some(state),
        Scope::All => None,
    };
    let values: [Value; 7] = [
        slice.after.unwrap_or(DeadLetterId(0)).into(),
        consumer.as_deref().map(text::without_null).into(),
        topic.as_deref().map(text::without_null).into(),
        key.as_deref().map(text::without_null).into(),
        reason.as_deref().map(containing).into(),
        state.into(),
        slice.limit.cast_signed().into(),
    ];
    let rows = connection.query_all_raw(sql(connection, &select, values)).await?;
    Ok(rows.iter().map(Row::read).collect::<std::result::Result<_, DbErr>>()?)
}

pub(crate) async fn find_one<C: Connection>(connection: &C, id: DeadLetterId) -> Result<Option<Row>> {
    let select = format!("SELECT {COLUMNS}, {} FROM bus_dead_letter WHERE id = $1", Delivery::COLUMNS);
    let row = connection.query_one_raw(sql(connection, &select, [id.into()])).await?;
    Ok(row.as_ref().map(Row::read).transpose()?)
}

pub(crate) async fn newest<C: Connection>(connection: &C) -> Result<Option<DeadLetterId>> {
    let select = "SELECT id FROM bus_dead_letter ORDER BY id DESC LIMIT 1";
    let row = connection.query_one_raw(sql(connection, select, [])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Brings those of `ids` into `state` that are open, and answers which.
pub(crate) async fn close(tx: &WriteTransaction, ids: &[DeadLetterId], state: State) -> Result<Vec<DeadLetterId>> {
    let update = format!(
        "UPDATE bus_dead_letter SET state = $1 WHERE state = $2 AND id IN ({}) RETURNING id",
        placeholders(3, ids.len())
    );
    let values = [state.into(), State::Open.into()].into_iter().chain(ids.iter().map(|id| (*id).into()));
    let rows = tx.query_all_raw(sql(tx, &update, values)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, DbErr>>()?)
}

/// Adds the events of `ids` at the ends of the queues of their keys, oldest first.
///
/// The first of a key is due since it was given up: that is past by the clock of its consumer, while whoever replays may
/// have another one.
pub(crate) async fn park(tx: &WriteTransaction, ids: &[DeadLetterId]) -> Result<()> {
    let insert = format!(
        "INSERT INTO bus_parked (consumer, {0}, settling, attempts, reason, next_at) \
         SELECT consumer, {0}, FALSE, 0, '', CASE \
         WHEN row_number() OVER (PARTITION BY consumer, topic, key ORDER BY id) > 1 THEN NULL \
         WHEN EXISTS (SELECT 1 FROM bus_parked p WHERE p.consumer = d.consumer AND p.topic = d.topic AND p.key = d.key) \
         THEN NULL ELSE created_at END \
         FROM bus_dead_letter d WHERE id IN ({1}) ORDER BY id",
        Delivery::COLUMNS,
        placeholders(1, ids.len())
    );
    tx.execute_raw(sql(tx, &insert, ids.iter().map(|id| (*id).into()))).await?;
    Ok(())
}

/// Leaves nothing but `payload` of what the event said.
pub(crate) async fn erase(tx: &WriteTransaction, id: DeadLetterId, payload: Vec<u8>) -> Result<()> {
    let update = "UPDATE bus_dead_letter SET payload = $2, sealed = FALSE WHERE id = $1";
    tx.execute_raw(sql(tx, update, [id.into(), payload.into()])).await?;
    Ok(())
}

pub(crate) async fn record_action(
    tx: &WriteTransaction,
    ids: &[DeadLetterId],
    action: State,
    actor: &str,
) -> Result<()> {
    let insert = format!(
        "INSERT INTO bus_dead_letter_action (dead_letter_id, action, actor, acted_at) \
         SELECT id, $1, $2, $3 FROM bus_dead_letter WHERE id IN ({}) ORDER BY id",
        placeholders(4, ids.len())
    );
    let values = [action.into(), text::storable(actor).into(), tx.now().into()]
        .into_iter()
        .chain(ids.iter().map(|id| (*id).into()));
    tx.execute_raw(sql(tx, &insert, values)).await?;
    Ok(())
}

pub(crate) async fn actions<C: Connection>(connection: &C, id: DeadLetterId) -> Result<Vec<Action>> {
    let select = "SELECT action, actor, acted_at FROM bus_dead_letter_action WHERE dead_letter_id = $1 ORDER BY id";
    Ok(Action::find_by_statement(sql(connection, select, [id.into()])).all(connection).await?)
}

/// Deletes up to `limit` letters that were closed before `until`, with what operators did, and says how many.
pub(crate) async fn trim(tx: &WriteTransaction, until: Timestamp, limit: u64) -> Result<u64> {
    let select = "SELECT dead_letter_id FROM bus_dead_letter_action WHERE acted_at < $1 ORDER BY acted_at LIMIT $2";
    let rows = tx.query_all_raw(sql(tx, select, [until.into(), limit.cast_signed().into()])).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, DbErr>>()?;
    let names = placeholders(1, ids.len());
    for delete in [
        format!("DELETE FROM bus_dead_letter_action WHERE dead_letter_id IN ({names})"),
        format!("DELETE FROM bus_dead_letter WHERE id IN ({names})"),
    ] {
        tx.execute_raw(sql(tx, &delete, ids.iter().map(|id| (*id).into()))).await?;
    }
    Ok(ids.len() as u64)
}

/// A pattern for texts that contain `part`.
fn containing(part: &str) -> String {
    let literal = text::without_null(part).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

impl Row {
    fn read(row: &QueryResult) -> std::result::Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            consumer: row.try_get_by_index(1)?,
            reason: row.try_get_by_index(2)?,
            attempts: row.try_get_by_index::<i32>(3)?.cast_unsigned(),
            state: row.try_get_by_index(4)?,
            created_at: row.try_get_by_index(5)?,
            delivery: Delivery::read(row, 6)?,
        })
    }
}
