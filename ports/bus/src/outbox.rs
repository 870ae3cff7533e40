//! Events are recorded where their cause is: in the same transaction.

use contracts::Event;
use database::WriteTransaction;
use sea_orm::DbErr;

use crate::delivery::{Delivery, Payload};
use crate::{TraceParent, store, text};

/// How many events one transaction records at most. Until it commits it holds the locks of their keys, on SQLite all others
/// wait for it, and what thousands hear does not fit into any transaction.
pub const LIMIT: usize = 1_000;

/// Records `event` with the open transaction; if that commits, every consumer will hear it.
///
/// Its row is written as the last thing before the commit. On Postgres that locks its key, so that two transactions that
/// record events of one key commit in the order of their rows.
///
/// # Errors
/// The event can't be written in JSON, or the transaction has recorded [`LIMIT`] events.
pub async fn record<E: Event>(tx: &WriteTransaction, event: &E) -> database::Result<()> {
    record_all(tx, [event]).await
}

/// Records each of `events`, in their order, as [`record`] does one: with one statement for the locks of all keys, and one
/// for some hundred rows.
///
/// # Errors
/// An event can't be written in JSON, or the transaction would record more than [`LIMIT`] events. None of them is recorded then.
#[expect(clippy::unused_async, reason = "recording is a write, and reads like one")]
pub async fn record_all<'a, E: Event>(
    tx: &WriteTransaction,
    events: impl IntoIterator<Item = &'a E>,
) -> database::Result<()> {
    let deliveries = events.into_iter().map(|event| delivery(tx, event)).collect::<Result<Vec<_>, _>>()?;
    if tx.rows_left_since_savepoint() + deliveries.len() > LIMIT {
        let reason = format!("more than {LIMIT} events in one transaction; a fan-out records them chunk by chunk");
        return Err(DbErr::Custom(reason).into());
    }
    for delivery in &deliveries {
        store::outbox::append(tx, delivery);
    }
    store::outbox::announce(tx, E::TOPIC);
    Ok(())
}

fn delivery<E: Event>(tx: &WriteTransaction, event: &E) -> Result<Delivery, DbErr> {
    let json = serde_json::to_vec(event).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(Delivery {
        id: tx.sources().uuid(),
        event_type: E::TYPE.to_owned(),
        topic: E::TOPIC.to_owned(),
        key: text::without_null(&event.key()),
        payload: if E::SECRET { Payload::seal(tx.vault(), &json) } else { Payload::Plain(json) },
        traceparent: TraceParent::current(),
        recorded_at: tx.now(),
    })
}
