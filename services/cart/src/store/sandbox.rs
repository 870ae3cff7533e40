//! The books of the sandbox: `cart_sandbox_charge` and `cart_sandbox_refund`.

use clock::Timestamp;
use contracts::Money;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, Set};

use crate::model::{PaymentId, SandboxToken};

contracts::text_column!(SandboxToken);

/// What is held, or was.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_sandbox_charge")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) payment_id: PaymentId,
    pub(crate) token: SandboxToken,
    pub(crate) amount_kurus: Money,
    pub(crate) captured_kurus: Money,
    pub(crate) state: ChargeState,
    pub(crate) created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Charge;

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum ChargeState {
    Pending,
    Authorised,
    Declined,
    Voided,
}

/// What was given back.
mod refund {
    use super::{Money, PaymentId};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_sandbox_refund")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) payment_id: PaymentId,
        pub(crate) amount_kurus: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn find(database: &impl Connection, id: PaymentId) -> Result<Option<Charge>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// Up to `limit` of those that were to be held late, by that time, and are not yet, but for those that were passed over.
pub(crate) async fn list_late(
    database: &impl Connection,
    by: Timestamp,
    passed: &[PaymentId],
    limit: u64,
) -> Result<Vec<PaymentId>> {
    // As the index says it: SQLite finds no value in a parameter.
    let late = Entity::find().filter(Expr::cust("token = 'late_ok'")).filter(Expr::cust("state = 'pending'"));
    let mut late = late.filter(Column::CreatedAt.lte(by)).order_by_asc(Column::CreatedAt).limit(limit);
    if !passed.is_empty() {
        late = late.filter(Column::PaymentId.is_not_in(passed.iter().copied()));
    }
    Ok(late.select_only().column(Column::PaymentId).into_tuple().all(database).await?)
}

pub(crate) async fn insert(tx: &WriteTransaction, charge: Charge) -> Result<()> {
    Entity::insert(charge.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn set_state(tx: &WriteTransaction, id: PaymentId, state: ChargeState) -> Result<()> {
    let columns = ActiveModel { state: Set(state), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::PaymentId.eq(id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn set_captured(tx: &WriteTransaction, id: PaymentId, captured: Money) -> Result<()> {
    let columns = ActiveModel { captured_kurus: Set(captured), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::PaymentId.eq(id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn refunds(database: &impl Connection, id: PaymentId) -> Result<Vec<(Uuid, Money)>> {
    let of_charge = refund::Entity::find().filter(refund::Column::PaymentId.eq(id)).select_only();
    let both = of_charge.column(refund::Column::Id).column(refund::Column::AmountKurus);
    Ok(both.into_tuple().all(database).await?)
}

pub(crate) async fn insert_refund(tx: &WriteTransaction, payment_id: PaymentId, id: Uuid, amount: Money) -> Result<()> {
    let refund = refund::Model { id, payment_id, amount_kurus: amount };
    refund::Entity::insert(refund.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}
