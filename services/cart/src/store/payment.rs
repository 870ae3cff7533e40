//! `cart_payment` and `cart_payment_movement`: what cards pay, and each movement of money that a provider was asked for.

use clock::Timestamp;
use contracts::Money;
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::{MovementKind, PaymentId, SandboxToken};

/// A payment.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_payment")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PaymentId,
    pub(crate) order_id: i64,
    pub(crate) provider: String,
    pub(crate) token: SandboxToken,
    pub(crate) amount_kurus: Money,
    pub(crate) state: PaymentState,
    pub(crate) captured_kurus: Money,
    /// What is on its way back.
    pub(crate) refunding_kurus: Money,
    pub(crate) refunded_kurus: Money,
    pub(crate) created_at: Timestamp,
    /// Until when whoever pays may say yes.
    pub(crate) expires_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Payment;

/// What a payment stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum PaymentState {
    /// The provider was asked, and its answer is not known.
    Authorising,
    /// Whoever pays has to say yes on a page.
    RedirectNeeded,
    /// The money is held.
    Authorised,
    /// There is none.
    Declined,
    /// It was taken.
    Captured,
    /// It is held no more, or was given back as a whole.
    Released,
}

/// A movement of money.
pub(crate) mod movement {
    use super::{Money, MovementKind, MovementState, PaymentId, Timestamp};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_payment_movement")]
    pub(crate) struct Model {
        /// By which the provider knows a refund.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) payment_id: PaymentId,
        /// Counted from 1 for each payment: one begins when those before it have ended.
        pub(crate) nth: i16,
        pub(crate) kind: MovementKind,
        pub(crate) amount_kurus: Money,
        pub(crate) state: MovementState,
        pub(crate) tries: i16,
        /// When it is gone on with; `None` once it has ended.
        pub(crate) next_at: Option<Timestamp>,
        /// Who goes on with it.
        pub(crate) claim: Option<Uuid>,
        /// When the provider was asked last.
        pub(crate) sent_at: Option<Timestamp>,
        pub(crate) last_answer: Option<String>,
        pub(crate) created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use movement::Model as Movement;

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum MovementState {
    /// Nobody has asked the provider.
    Wanted,
    /// Somebody has, or was about to.
    Sent,
    Done,
    Declined,
}

/// A notice of a provider, so that it is heard once.
mod notice {
    use super::Timestamp;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_payment_notice")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) provider: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) event_id: Uuid,
        pub(crate) received_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

contracts::text_column!(MovementKind);

impl Movement {
    /// The next movement of the payment.
    pub(crate) fn wanted(
        tx: &WriteTransaction,
        payment: &Payment,
        nth: i16,
        kind: MovementKind,
        amount: Money,
    ) -> Self {
        Self {
            id: tx.sources().uuid(),
            payment_id: payment.id,
            nth,
            kind,
            amount_kurus: amount,
            state: MovementState::Wanted,
            tries: 0,
            next_at: Some(tx.now()),
            claim: None,
            sent_at: None,
            last_answer: None,
            created_at: tx.now(),
        }
    }
}

pub(crate) async fn insert(tx: &WriteTransaction, payment: Payment) -> Result<()> {
    Entity::insert(payment.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: PaymentId) -> Result<Option<Payment>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// The payments of these orders, of which each has one at most.
pub(crate) async fn list_of_orders(database: &impl Connection, orders: Vec<i64>) -> Result<Vec<Payment>> {
    Ok(Entity::find().filter(Column::OrderId.is_in(orders)).all(database).await?)
}

/// Writes all that the payment has.
pub(crate) async fn update(tx: &WriteTransaction, payment: Payment) -> Result<()> {
    let id = payment.id;
    let columns = payment.into_active_model().reset_all();
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Takes so much of what was captured for a refund, unless less is left.
pub(crate) async fn begin_refund(tx: &WriteTransaction, id: PaymentId, amount: Money) -> Result<bool> {
    let left =
        Expr::col(Column::CapturedKurus).sub(Expr::col(Column::RefundedKurus)).sub(Expr::col(Column::RefundingKurus));
    let more = Expr::col(Column::RefundingKurus).add(amount.kurus());
    let taken = Entity::update_many().col_expr(Column::RefundingKurus, more).filter(Column::Id.eq(id));
    Ok(taken.filter(left.gte(amount.kurus())).exec(tx).await?.rows_affected > 0)
}

pub(crate) async fn insert_movement(tx: &WriteTransaction, movement: Movement) -> Result<()> {
    movement::Entity::insert(movement.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// All movements of the payment, in their order.
pub(crate) async fn list_movements(database: &impl Connection, id: PaymentId) -> Result<Vec<Movement>> {
    let of_payment = movement::Entity::find().filter(movement::Column::PaymentId.eq(id));
    Ok(of_payment.order_by_asc(movement::Column::Nth).all(database).await?)
}

pub(crate) async fn update_movement(tx: &WriteTransaction, movement: Movement) -> Result<()> {
    let id = movement.id;
    let columns = movement.into_active_model().reset_all();
    movement::Entity::update_many().set(columns).filter(movement::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Up to `limit` movements that are to be gone on with by now, the longest due first, each with how often that was tried. `locked`
/// ones are not among them.
pub(crate) async fn list_due(
    database: &impl Connection,
    now: Timestamp,
    locked: &[Uuid],
    limit: u64,
) -> Result<Vec<(Uuid, i16)>> {
    let mut due = movement::Entity::find().filter(movement::Column::NextAt.lte(now));
    if !locked.is_empty() {
        due = due.filter(movement::Column::Id.is_not_in(locked.iter().copied()));
    }
    let oldest = due.order_by_asc(movement::Column::NextAt).limit(limit).select_only();
    Ok(oldest.column(movement::Column::Id).column(movement::Column::Tries).into_tuple().all(database).await?)
}

/// Whether nobody else holds the movement's row, where there is one. `tx` holds it then.
pub(crate) async fn try_lock(tx: &WriteTransaction, id: Uuid) -> Result<bool> {
    let row = movement::Entity::find_by_id(id).select_only().column(movement::Column::Id);
    let row = row.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(row.into_tuple::<Uuid>().one(tx).await?.is_some())
}

/// Lets a movement that was due by then, and could not be gone on with, wait until then, so that others come before it. It is not
/// read, which may be what has failed.
pub(crate) async fn put_off(tx: &WriteTransaction, id: Uuid, (due, until): (Timestamp, Timestamp)) -> Result<()> {
    let columns = movement::ActiveModel { next_at: Set(Some(until)), ..Default::default() };
    let movements = movement::Entity::update_many().set(columns).col_expr(movement::Column::Tries, one_more_try());
    movements.filter(movement::Column::Id.eq(id)).filter(movement::Column::NextAt.lte(due)).exec(tx).await?;
    Ok(())
}

/// More are not counted.
const MOST_TRIES: i16 = 1_000;

fn one_more_try() -> Expr {
    let tries = || Expr::col(movement::Column::Tries);
    Expr::case(tries().lt(MOST_TRIES), tries().add(1)).finally(tries()).into()
}

pub(crate) async fn find_movement(database: &impl Connection, id: Uuid) -> Result<Option<Movement>> {
    Ok(movement::Entity::find_by_id(id).one(database).await?)
}

/// Claims the movement until then, unless somebody has since it was due; answers it as it is then.
pub(crate) async fn claim(
    tx: &WriteTransaction,
    id: Uuid,
    (claim, until): (Uuid, Timestamp),
) -> Result<Option<Movement>> {
    let columns = movement::ActiveModel { claim: Set(Some(claim)), next_at: Set(Some(until)), ..Default::default() };
    let due = movement::Entity::update_many().set(columns).col_expr(movement::Column::Tries, one_more_try());
    let due = due.filter(movement::Column::Id.eq(id)).filter(movement::Column::NextAt.lte(tx.now()));
    Ok(due.exec_with_returning(tx).await?.pop())
}

/// Whether the notice is heard for the first time.
pub(crate) async fn hear_notice(tx: &WriteTransaction, provider: &str, event_id: Uuid) -> Result<bool> {
    let notice = notice::Model { provider: provider.to_owned(), event_id, received_at: tx.now() };
    let once = sea_orm::sea_query::OnConflict::columns([notice::Column::Provider, notice::Column::EventId])
        .do_nothing()
        .to_owned();
    let inserted = notice::Entity::insert(notice.into_active_model()).on_conflict(once);
    Ok(inserted.exec_without_returning(tx).await? > 0)
}

/// Forgets up to `limit` notices of before then, and says how many.
pub(crate) async fn trim_notices(tx: &WriteTransaction, before: Timestamp, limit: u64) -> Result<u64> {
    let old = Query::select()
        .column(notice::Column::EventId)
        .from(notice::Entity)
        .and_where(notice::Column::ReceivedAt.lt(before))
        .limit(limit)
        .to_owned();
    let deleted = notice::Entity::delete_many().filter(notice::Column::EventId.in_subquery(old));
    Ok(deleted.exec(tx).await?.rows_affected)
}
