//! What is done to many mails at once now and then, and how many there are.

use clock::Timestamp;
use contracts::MailClass;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Order, Query};
use sea_orm::{ExprTrait, QueryOrder, QuerySelect};

use super::{ActiveModel, Column, Entity, State, class_of, ended, is_of};

/// Mails that wait for an instant of a clock that was ahead; each kind is found by an index of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misdated {
    /// They are of this class, and their next try lies beyond this, which is not in the past.
    DueAfter(Timestamp, MailClass),
    /// They were recorded after this.
    RecordedAfter(Timestamp),
}

/// Makes up to `limit` of the misdated mails due that wait for a try later than `now`, and says how many.
pub(crate) async fn bring_forward(
    tx: &WriteTransaction,
    misdated: Misdated,
    now: Timestamp,
    limit: u64,
) -> Result<u64> {
    let is_misdated = match misdated {
        Misdated::DueAfter(horizon, class) => ExprTrait::and(is_of(class), Column::NextAt.gt(horizon)),
        Misdated::RecordedAfter(instant) => ExprTrait::and(Column::RecordedAt.gt(instant), Column::NextAt.gt(now)),
    };
    let waiting = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.eq(State::Pending))
        .and_where(Column::NextAt.is_not_null())
        .and_where(is_misdated)
        .limit(limit)
        .take();
    let update = Entity::update_many()
        .set(ActiveModel { next_at: Set(Some(now)), ..Default::default() })
        .filter(Column::State.eq(State::Pending))
        .filter(Column::Id.in_subquery(waiting));
    Ok(update.exec(tx).await?.rows_affected)
}

/// Ends up to `limit` of those that have waited since before `cutoff`, and says how many.
pub(crate) async fn give_up(tx: &WriteTransaction, cutoff: Timestamp, now: Timestamp, limit: u64) -> Result<u64> {
    let reply = ActiveModel { last_reply: Set(Some("no server took it in time".to_owned())), ..Default::default() };
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::State.eq(State::Pending))
        .and_where(Column::NextAt.is_not_null())
        .and_where(Column::RecordedAt.lt(cutoff))
        .order_by(Column::RecordedAt, Order::Asc)
        .limit(limit)
        .take();
    let update = Entity::update_many()
        .set(ended(reply, State::Failed, now))
        .filter(Column::State.eq(State::Pending))
        .filter(Column::Id.in_subquery(old));
    Ok(update.exec(tx).await?.rows_affected)
}

/// Deletes up to `limit` of the mails that ended before `cutoff`.
pub(crate) async fn trim(tx: &WriteTransaction, cutoff: Timestamp, limit: u64) -> Result<u64> {
    let old =
        Query::select().column(Column::Id).from(Entity).and_where(Column::FinishedAt.lt(cutoff)).limit(limit).take();
    let delete = Entity::delete_many().filter(Column::Id.in_subquery(old));
    Ok(delete.exec(tx).await?.rows_affected)
}

/// How many mails are not ended; nobody counts further than to `limit`, for a mail server that is away makes them many.
pub(crate) async fn count_waiting(connection: &impl Connection, limit: u64) -> Result<u64> {
    Ok(Entity::find().filter(Column::NextAt.is_not_null()).limit(limit).count(connection).await?)
}

/// How many mails of `class` have not ended, or of them those that are due by `until`, counted up to `limit`.
pub(crate) async fn count_waiting_of(
    connection: &impl Connection,
    class: MailClass,
    until: Option<Timestamp>,
    limit: u64,
) -> Result<u64> {
    let is_waiting = until.map_or(Column::NextAt.is_not_null(), |until| Column::NextAt.lte(until));
    Ok(Entity::find().filter(is_of(class)).filter(is_waiting).limit(limit).count(connection).await?)
}

/// How many mails of each class senders have claimed.
pub(crate) async fn count_under_way(connection: &impl Connection) -> Result<Vec<(MailClass, u64)>> {
    let claimed = Entity::find().filter(Column::ClaimedBy.is_not_null()).select_only().column(Column::IsCommercial);
    let counts: Vec<(bool, i64)> = claimed
        .column_as(Column::Id.count(), "mails")
        .group_by(Column::IsCommercial)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(counts.into_iter().map(|(is_commercial, count)| (class_of(is_commercial), count.cast_unsigned())).collect())
}

/// How many mails have ended since `since`, by how; of more than `limit` the latest.
pub(crate) async fn count_ended(
    connection: &impl Connection,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<(MailClass, State, u64)>> {
    // Sorted, so that SQLite, which does not know how few have just ended, takes them from the index of their ends.
    let ended = Entity::find().filter(Column::FinishedAt.gt(since)).order_by_desc(Column::FinishedAt).limit(limit);
    let ended = ended.select_only().column(Column::IsCommercial).column(Column::State);
    let mut counts: Vec<(MailClass, State, u64)> = Vec::new();
    for (is_commercial, state) in ended.into_tuple().all(connection).await? {
        let class = class_of(is_commercial);
        match counts.iter_mut().find(|(of, as_state, _)| (*of, *as_state) == (class, state)) {
            Some((_, _, count)) => *count += 1,
            None => counts.push((class, state, 1)),
        }
    }
    Ok(counts)
}

/// How often nobody knew whether a server had a mail, over all mails that are still remembered.
pub(crate) async fn count_ambiguities(connection: &impl Connection) -> Result<u64> {
    let sum: Option<Option<i64>> = Entity::find()
        // Not a value of the statement: only so does SQLite know that the index of those in doubt has them all.
        .filter(Expr::cust("ambiguities > 0"))
        .select_only()
        .column_as(Column::Ambiguities.sum(), "sum")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(sum.flatten().unwrap_or_default().cast_unsigned())
}
