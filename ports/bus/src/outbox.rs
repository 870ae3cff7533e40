//! Events are recorded where their cause is: in the same transaction.

use contracts::Event;
use database::WriteTransaction;
use sea_orm::DbErr;

use crate::delivery::{Delivery, Payload};
use crate::{TraceParent, store, text};

/// Records `event` with the open transaction; if that commits, every consumer will hear it.
///
/// Its row is written as the last thing before the commit. On Postgres that takes a lock per key, so that two transactions
/// that record events of one key commit in the order of their rows.
///
/// # Errors
/// The event can't be told in JSON.
#[expect(clippy::unused_async, reason = "recording is a write, and reads like one")]
pub async fn record<E: Event>(tx: &WriteTransaction, event: &E) -> database::Result<()> {
    let json = serde_json::to_vec(event).map_err(|error| DbErr::Json(error.to_string()))?;
    let delivery = Delivery {
        id: tx.sources().uuid(),
        event_type: E::TYPE.to_owned(),
        topic: E::TOPIC.to_owned(),
        key: text::without_null(&event.key()),
        payload: if E::SECRET { Payload::seal(tx.vault(), &json) } else { Payload::Plain(json) },
        traceparent: TraceParent::current(),
        recorded_at: tx.now(),
    };
    store::outbox::append(tx, &delivery);
    tx.announce();
    Ok(())
}
