//! Events are recorded where their cause is: in the same transaction.

use contracts::Event;
use database::WriteTransaction;
use sea_orm::DbErr;

use crate::delivery::{Delivery, Payload};
use crate::{TraceParent, store};

/// Records `event` with the open transaction; if that commits, every consumer will hear it.
///
/// Record as the last thing of an action: on Postgres this takes a lock per key, so that two transactions that record
/// events of one key commit in the order of their rows.
///
/// # Errors
/// The database refused the row; the transaction is lost then.
pub async fn record<E: Event>(tx: &WriteTransaction, event: &E) -> database::Result<()> {
    let json = serde_json::to_vec(event).map_err(|error| DbErr::Json(error.to_string()))?;
    let delivery = Delivery {
        id: tx.sources().uuid(),
        topic: E::TOPIC.to_owned(),
        key: event.key(),
        payload: if E::SECRET { Payload::seal(tx.vault(), &json) } else { Payload::Plain(json) },
        traceparent: TraceParent::current(),
        recorded_at: tx.now(),
    };
    store::outbox::append(tx, E::TYPE, &delivery).await?;
    tx.announce();
    Ok(())
}
