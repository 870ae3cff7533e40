//! `notification_mail`: every mail that was asked for, and what became of it.

use clock::Timestamp;
use contracts::{EmailAddress, Locale, MailKind};
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType, Order, Query};
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect, TryInsertResult};
use tokio::sync::watch;

/// What a commit with a mail to send announces.
const RECORDED: &str = "notification mail";

#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    #[sea_orm(unique)]
    pub(crate) event_id: Uuid,
    pub(crate) kind: String,
    pub(crate) is_commercial: bool,
    pub(crate) recipient: EmailAddress,
    pub(crate) locale: Locale,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) sealed_content: Option<Vec<u8>>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) state: State,
    pub(crate) attempts: i32,
    pub(crate) ambiguities: i32,
    pub(crate) next_at: Option<Timestamp>,
    pub(crate) claim: Option<Uuid>,
    pub(crate) claimed_by: Option<Uuid>,
    pub(crate) last_reply: Option<String>,
    pub(crate) finished_at: Option<Timestamp>,
}

pub(crate) use Model as Mail;

impl ActiveModelBehavior for ActiveModel {}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum State {
    /// It waits for its next try.
    Pending,
    /// A process tries it; the server has nothing of it yet.
    Claimed,
    /// A process gave it to the server and waits for the answer.
    HandedOff,
    /// The server has it.
    Sent,
    /// The server refused it, or two days were not enough.
    Failed,
    /// Nobody knows whether the server has it.
    Ambiguous,
    /// Its reader wants no such mail.
    Suppressed,
}

/// A unique claim on one mail: what its holder writes counts only while nobody claimed the mail after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) mail: Uuid,
    pub(crate) claim: Uuid,
    /// The process that holds it.
    pub(crate) process: Uuid,
}

/// What becomes of a claimed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is looked at again.
    Waits { until: Timestamp },
    /// Nothing is left to do.
    Ends { state: State, at: Timestamp },
}

/// What is known after a try.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub(crate) attempts: u32,
    pub(crate) ambiguities: u32,
    pub(crate) reply: String,
}

/// Counts the commits of this process with mails to send; watch it instead of polling.
pub(crate) fn announcements(database: &Database) -> watch::Receiver<u64> {
    database.announcements_of(RECORDED)
}

/// Adds a mail; false if its event was heard before.
pub(crate) async fn insert(tx: &WriteTransaction, mail: Mail) -> Result<bool> {
    if mail.next_at.is_some() {
        tx.announce(RECORDED);
    }
    let row = mail.into_active_model();
    let insert = Entity::insert(row).on_conflict_do_nothing_on([Column::EventId]).exec_without_returning(tx);
    Ok(matches!(insert.await?, TryInsertResult::Inserted(rows) if rows > 0))
}

/// When somebody has to look at a mail next.
pub(crate) async fn next_due(connection: &impl Connection) -> Result<Option<Timestamp>> {
    let waiting = Entity::find().filter(Column::NextAt.is_not_null()).select_only().column(Column::NextAt);
    Ok(waiting.order_by_asc(Column::NextAt).into_tuple().one(connection).await?)
}

/// The mail that has been due for the longest time, but for those that others are claiming at this moment.
pub(crate) async fn find_due(tx: &WriteTransaction, now: Timestamp) -> Result<Option<Mail>> {
    let due = Entity::find().filter(Column::NextAt.lte(now)).order_by_asc(Column::NextAt);
    Ok(due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).one(tx).await?)
}

/// Claims a due mail until `until`; false if somebody else has just done so.
pub(crate) async fn claim(tx: &WriteTransaction, claim: Claim, now: Timestamp, until: Timestamp) -> Result<bool> {
    let update = Entity::update_many()
        .set(ActiveModel {
            state: Set(State::Claimed),
            claim: Set(Some(claim.claim)),
            claimed_by: Set(Some(claim.process)),
            next_at: Set(Some(until)),
            ..Default::default()
        })
        .filter(Column::Id.eq(claim.mail))
        .filter(Column::NextAt.lte(now));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// Notes that the server is about to get the mail; false if the claim was lost.
pub(crate) async fn hand_off(tx: &WriteTransaction, claim: Claim, until: Timestamp) -> Result<bool> {
    update_claimed(
        tx,
        claim,
        ActiveModel { state: Set(State::HandedOff), next_at: Set(Some(until)), ..Default::default() },
    )
    .await
}

/// Gives back what `process` holds under `claim`, if anything.
pub(crate) async fn let_go(tx: &WriteTransaction, process: Uuid, claim: Uuid, now: Timestamp) -> Result<()> {
    let row = ActiveModel {
        state: Set(State::Pending),
        claim: Set(None),
        claimed_by: Set(None),
        next_at: Set(Some(now)),
        ..Default::default()
    };
    let held = Entity::update_many().set(row).filter(Column::ClaimedBy.eq(process)).filter(Column::Claim.eq(claim));
    held.exec(tx).await?;
    Ok(())
}

/// Writes what became of the mail, and gives the claim back; false if it was lost.
pub(crate) async fn conclude(tx: &WriteTransaction, claim: Claim, fate: Fate, tried: Tried) -> Result<bool> {
    let row = ActiveModel {
        attempts: Set(tried.attempts.cast_signed()),
        ambiguities: Set(tried.ambiguities.cast_signed()),
        last_reply: Set(Some(tried.reply)),
        claim: Set(None),
        claimed_by: Set(None),
        ..Default::default()
    };
    let row = match fate {
        Fate::Waits { until } => ActiveModel { state: Set(State::Pending), next_at: Set(Some(until)), ..row },
        Fate::Ends { state, at } => ended(row, state, at),
    };
    update_claimed(tx, claim, row).await
}

/// What an ended mail said is forgotten: it may have held a token.
fn ended(row: ActiveModel, state: State, at: Timestamp) -> ActiveModel {
    ActiveModel { state: Set(state), next_at: Set(None), finished_at: Set(Some(at)), sealed_content: Set(None), ..row }
}

async fn update_claimed(tx: &WriteTransaction, claim: Claim, row: ActiveModel) -> Result<bool> {
    let update = Entity::update_many().set(row).filter(Column::Id.eq(claim.mail)).filter(Column::Claim.eq(claim.claim));
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// The processes that hold claims, but for `this` one.
pub(crate) async fn other_claimants(connection: &impl Connection, this: Uuid) -> Result<Vec<Uuid>> {
    let others = Entity::find().filter(Column::ClaimedBy.is_not_null()).filter(Column::ClaimedBy.ne(this));
    Ok(others.select_only().column(Column::ClaimedBy).distinct().into_tuple().all(connection).await?)
}

/// Makes every claim of `process` end now, and says how many.
pub(crate) async fn end_claims_of(tx: &WriteTransaction, process: Uuid, now: Timestamp) -> Result<u64> {
    let update = Entity::update_many()
        .set(ActiveModel { next_at: Set(Some(now)), ..Default::default() })
        .filter(Column::ClaimedBy.eq(process));
    Ok(update.exec(tx).await?.rows_affected)
}

/// Makes every claim end now: of processes that are gone.
pub(crate) async fn end_claims(tx: &WriteTransaction, now: Timestamp) -> Result<u64> {
    let update = Entity::update_many()
        .set(ActiveModel { next_at: Set(Some(now)), ..Default::default() })
        .filter(Column::ClaimedBy.is_not_null());
    Ok(update.exec(tx).await?.rows_affected)
}

/// Mails that wait for an instant of a clock that was ahead; each kind is found by an index of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misdated {
    /// Their next try lies beyond this, which is not in the past.
    DueAfter(Timestamp),
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
        Misdated::DueAfter(horizon) => Column::NextAt.gt(horizon),
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

/// Every mail, oldest first.
#[cfg(test)]
pub(crate) async fn all(connection: &impl Connection) -> Result<Vec<Mail>> {
    Ok(Entity::find().order_by_asc(Column::Id).all(connection).await?)
}
