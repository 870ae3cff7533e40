//! Whose turn it is.

use clock::Timestamp;
use contracts::{EmailAddress, MailClass, MailKind};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, LockBehavior, LockType};
use sea_orm::{ExprTrait, QueryOrder, QuerySelect, Select};

use super::{Column, Entity, Mail, State, is_of};

/// When the turn of a mail of `class` comes next.
pub(crate) async fn next_due(connection: &impl Connection, class: MailClass) -> Result<Option<Timestamp>> {
    let waiting = Entity::find().filter(is_of(class)).filter(Column::NextAt.is_not_null());
    let waiting = waiting.select_only().column(Column::NextAt).order_by_asc(Column::NextAt);
    Ok(waiting.into_tuple().one(connection).await?)
}

/// The mail of `class` that has been due for the longest time, but for those that others are claiming at this moment.
pub(crate) async fn find_due(tx: &WriteTransaction, class: MailClass, now: Timestamp) -> Result<Option<Mail>> {
    Ok(due(class, now).one(tx).await?)
}

fn due(class: MailClass, now: Timestamp) -> Select<Entity> {
    let due = Entity::find().filter(is_of(class)).filter(Column::NextAt.lte(now)).order_by_asc(Column::NextAt);
    due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

/// How the database finds the mail that is claimed next.
#[cfg(test)]
pub(crate) async fn plan(connection: &impl Connection, class: MailClass, now: Timestamp) -> Result<String> {
    use sea_orm::{DbBackend, QueryTrait, Statement};

    let backend = connection.get_database_backend();
    let (explain, column) = if backend == DbBackend::Postgres { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
    let Statement { sql, values, .. } = due(class, now).limit(1).build(backend);
    let statement = Statement { sql: format!("{explain} {sql}"), values, db_backend: backend };
    let lines = connection.query_all_raw(statement).await?;
    Ok(lines.iter().map(|line| line.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n"))
}

/// Up to `limit` mails of `class` that are due and wait, with the domains of their recipients, those first that have been due for the
/// longest time, but for those that others are claiming at this moment.
pub(crate) async fn list_due(
    tx: &WriteTransaction,
    class: MailClass,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(Uuid, Option<String>)>> {
    let due = Entity::find()
        .filter(is_of(class))
        .filter(Column::NextAt.lte(now))
        .filter(Column::State.eq(State::Pending))
        .order_by_asc(Column::NextAt)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(due.select_only().column(Column::Id).column(Column::Domain).into_tuple().all(tx).await?)
}

/// Lets each of `mails` that waits be due at the instant beside it.
pub(crate) async fn postpone(tx: &WriteTransaction, mails: &[(Uuid, Timestamp)]) -> Result<()> {
    let Some(((_, last), _)) = mails.split_last() else { return Ok(()) };
    let each = mails.iter().fold(CaseStatement::new(), |each, (id, at)| each.case(Column::Id.eq(*id), Expr::val(*at)));
    let update = Entity::update_many()
        .col_expr(Column::NextAt, each.finally(Expr::val(*last)).into())
        .filter(Column::Id.is_in(mails.iter().map(|(id, _)| *id)))
        .filter(Column::State.eq(State::Pending));
    update.exec(tx).await?;
    Ok(())
}

/// When `recipient` got mails since `since`, or may have got them, newest first, at most `limit`: those that speak of orders, or
/// all others.
pub(crate) async fn sent_since(
    connection: &impl Connection,
    (recipient, speak_of_orders): (&EmailAddress, bool),
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Timestamp>> {
    let of_order = Column::Kind.eq(MailKind::OrderUpdate.as_str());
    let recent = Entity::find()
        .filter(if speak_of_orders { of_order } else { of_order.not() })
        .filter(Column::Recipient.eq(recipient.clone()))
        .filter(Column::FinishedAt.gt(since))
        .filter(Column::State.is_in([State::Sent, State::Ambiguous]))
        .select_only()
        .column(Column::FinishedAt)
        .order_by_desc(Column::FinishedAt)
        .limit(limit);
    Ok(recent.into_tuple().all(connection).await?)
}
