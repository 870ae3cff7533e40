//! `bus_inbox`: which consumer has taken charge of which event.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use super::{parked, sql};
use crate::delivery::Delivery;
use crate::model::{InboxState, Key};

/// Who takes charge of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) consumer: &'static str,
    pub(crate) event: Uuid,
}

impl Entry {
    fn values(self) -> [Value; 2] {
        [self.consumer.into(), self.event.into()]
    }
}

const ENTER: &str = "INSERT INTO bus_inbox (consumer, event_id, set_aside, entered_at, recorded_at) VALUES ($1, $2, FALSE, $3, $4) \
    ON CONFLICT (consumer, event_id) DO NOTHING";

/// Enters `entry` as heard, if it is new; answers what was known before.
pub(crate) async fn enter(tx: &WriteTransaction, entry: Entry) -> Result<InboxState> {
    let values = entry.values().into_iter().chain([tx.now().into(), None::<Timestamp>.into()]);
    let is_new = tx.execute_raw(sql(tx, ENTER, values)).await?.rows_affected() > 0;
    if is_new { Ok(InboxState::New) } else { known(tx, entry).await }
}

/// The same for `delivery`, and whether earlier events of its key are parked: for a new one, which nearly all are, in one
/// statement.
pub(crate) async fn enter_delivery(
    tx: &WriteTransaction,
    consumer: &'static str,
    delivery: &Delivery,
) -> Result<(InboxState, Key)> {
    let enter = format!(
        "{ENTER} RETURNING EXISTS (SELECT 1 FROM bus_parked p WHERE p.consumer = $1 AND p.topic = $5 AND p.key = $6)"
    );
    let entry = Entry { consumer, event: delivery.id };
    let [topic, key] = [&delivery.topic, &delivery.key].map(|text| Value::from(text.as_str()));
    let values = entry.values().into_iter().chain([tx.now().into(), delivery.recorded_at.into(), topic, key]);
    match tx.query_one_raw(sql(tx, &enter, values)).await? {
        Some(row) => Ok((InboxState::New, if row.try_get_by_index(0)? { Key::Parked } else { Key::Free })),
        None => Ok((known(tx, entry).await?, parked::key(tx, consumer, delivery).await?)),
    }
}

async fn known(tx: &WriteTransaction, entry: Entry) -> Result<InboxState> {
    let select = "SELECT set_aside FROM bus_inbox WHERE consumer = $1 AND event_id = $2";
    let row = tx.query_one_raw(sql(tx, select, entry.values())).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("{entry:?}")))?;
    Ok(if row.try_get_by_index(0)? { InboxState::SetAside } else { InboxState::Heard })
}

/// Enters `entry` as set aside; false if it stands there already.
pub(crate) async fn set_aside_new(tx: &WriteTransaction, entry: Entry) -> Result<bool> {
    Ok(enter(tx, entry).await? == InboxState::New && set_aside(tx, entry).await?)
}

/// Forgets `entry`.
pub(crate) async fn forget(tx: &WriteTransaction, entry: Entry) -> Result<()> {
    let delete = "DELETE FROM bus_inbox WHERE consumer = $1 AND event_id = $2";
    tx.execute_raw(sql(tx, delete, entry.values())).await?;
    Ok(())
}

/// Turns a heard entry into one that is set aside; false if it is that already.
pub(crate) async fn set_aside(tx: &WriteTransaction, entry: Entry) -> Result<bool> {
    let update = "UPDATE bus_inbox SET set_aside = TRUE WHERE consumer = $1 AND event_id = $2 AND NOT set_aside";
    Ok(tx.execute_raw(sql(tx, update, entry.values())).await?.rows_affected() > 0)
}

/// When `consumer` entered its newest event.
pub(crate) async fn newest<C: Connection>(connection: &C, consumer: &str) -> Result<Option<Timestamp>> {
    let select = "SELECT entered_at FROM bus_inbox WHERE consumer = $1 ORDER BY entered_at DESC LIMIT 1";
    let row = connection.query_one_raw(sql(connection, select, [consumer.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// When the oldest of the events was recorded that `consumer` has entered `since` then, as far as that is known.
pub(crate) async fn oldest_recorded<C: Connection>(
    connection: &C,
    consumer: &str,
    since: Timestamp,
) -> Result<Option<Timestamp>> {
    let select = "SELECT recorded_at FROM bus_inbox WHERE consumer = $1 AND entered_at >= $2 AND recorded_at IS NOT NULL \
        ORDER BY recorded_at LIMIT 1";
    let row = connection.query_one_raw(sql(connection, select, [consumer.into(), since.into()])).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Deletes up to `limit` entries made before `until` of events that were recorded before `until`, and says how many. Those of
/// events that are parked or open dead letters stay: whoever has them there does the rest.
pub(crate) async fn trim(tx: &WriteTransaction, until: Timestamp, limit: u64) -> Result<u64> {
    let delete = "DELETE FROM bus_inbox WHERE (consumer, event_id) IN \
        (SELECT i.consumer, i.event_id FROM bus_inbox i \
         WHERE i.entered_at < $1 AND (i.recorded_at IS NULL OR i.recorded_at < $1) \
         AND NOT EXISTS (SELECT 1 FROM bus_parked p WHERE p.consumer = i.consumer AND p.event_id = i.event_id) \
         AND NOT EXISTS (SELECT 1 FROM bus_dead_letter d \
                         WHERE d.state = 'open' AND d.consumer = i.consumer AND d.event_id = i.event_id) \
         ORDER BY i.entered_at LIMIT $2)";
    Ok(tx.execute_raw(sql(tx, delete, [until.into(), limit.cast_signed().into()])).await?.rows_affected())
}
