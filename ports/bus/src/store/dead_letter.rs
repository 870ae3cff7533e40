//! `bus_dead_letter`: events that a consumer gave up, and in `bus_dead_letter_action` what operators did with them.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};

use super::sql;
use crate::dead_letters::{Action, DeadLetterId, Filter, State};
use crate::delivery::Delivery;
use crate::model::Cause;

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
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        Delivery::COLUMNS
    );
    let Buried { cause, attempts, reason } = buried;
    let rest =
        [cause.as_str().into(), attempts.cast_signed().into(), reason.into(), State::Open.into(), tx.now().into()];
    let values = [consumer.into()].into_iter().chain(delivery.values()).chain(rest);
    tx.execute_raw(sql(tx, &insert, values)).await?;
    Ok(())
}

/// Those that `filter` lets through and that are in `state`, if one is given; oldest first.
pub(crate) async fn find<C: Connection>(connection: &C, filter: &Filter, state: Option<State>) -> Result<Vec<Row>> {
    let select = format!(
        "SELECT id, consumer, {}, reason, attempts, state, created_at FROM bus_dead_letter \
         WHERE ($1 IS NULL OR id = $1) AND ($2 IS NULL OR consumer = $2) AND ($3 IS NULL OR topic = $3) \
         AND ($4 IS NULL OR key = $4) AND ($5 IS NULL OR reason LIKE $5 ESCAPE '\\') AND ($6 IS NULL OR state = $6) \
         ORDER BY id",
        Delivery::COLUMNS
    );
    let Filter { id, consumer, topic, key, reason } = filter;
    let values: [Value; 6] = [
        (*id).into(),
        consumer.clone().into(),
        topic.clone().into(),
        key.clone().into(),
        reason.as_deref().map(containing).into(),
        state.into(),
    ];
    Ok(Row::find_by_statement(sql(connection, &select, values)).all(connection).await?)
}

/// Ends an open letter: what remains of its payload is `payload`. False if it is not open any more.
pub(crate) async fn close(tx: &WriteTransaction, id: DeadLetterId, state: State, payload: Vec<u8>) -> Result<bool> {
    let update = "UPDATE bus_dead_letter SET state = $2, payload = $3, sealed = FALSE WHERE id = $1 AND state = $4";
    let values = [id.into(), state.into(), payload.into(), State::Open.into()];
    Ok(tx.execute_raw(sql(tx, update, values)).await?.rows_affected() > 0)
}

pub(crate) async fn record_action(tx: &WriteTransaction, id: DeadLetterId, action: State, actor: &str) -> Result<()> {
    let insert = "INSERT INTO bus_dead_letter_action (dead_letter_id, action, actor, acted_at) VALUES ($1, $2, $3, $4)";
    let values = [id.into(), action.into(), actor.into(), tx.now().into()];
    tx.execute_raw(sql(tx, insert, values)).await?;
    Ok(())
}

pub(crate) async fn actions<C: Connection>(connection: &C, id: DeadLetterId) -> Result<Vec<Action>> {
    let select = "SELECT action, actor, acted_at FROM bus_dead_letter_action WHERE dead_letter_id = $1 ORDER BY id";
    Ok(Action::find_by_statement(sql(connection, select, [id.into()])).all(connection).await?)
}

/// A pattern for texts that contain `part`.
fn containing(part: &str) -> String {
    let literal = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get(prefix, "id")?,
            consumer: row.try_get(prefix, "consumer")?,
            reason: row.try_get(prefix, "reason")?,
            attempts: row.try_get::<i32>(prefix, "attempts")?.cast_unsigned(),
            state: row.try_get(prefix, "state")?,
            created_at: row.try_get(prefix, "created_at")?,
            delivery: Delivery::from_query_result(row, prefix)?,
        })
    }
}
