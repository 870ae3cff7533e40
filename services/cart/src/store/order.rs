//! `cart_order`, its lines and what has become of it.

use clock::Timestamp;
use contracts::{
    AddressDetails, CampaignId, Locale, MealId, Money, OrderActor, OrderId, OrderStatus, PaymentMethod, RestaurantId,
    UserId,
};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect};

use crate::model::{Fulfilment, Note, Options, OrderCode};

contracts::text_column!(Fulfilment);
contracts::text_column!(OrderCode);

/// An order.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_order")]
pub(crate) struct Model {
    /// What clients of the first platform call it; 0 until it is written.
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// What everybody else calls it.
    pub(crate) public_id: OrderId,
    pub(crate) code: OrderCode,
    pub(crate) user_id: UserId,
    pub(crate) restaurant_id: RestaurantId,
    /// The restaurant's name when it was ordered.
    pub(crate) restaurant_name: String,
    pub(crate) status: OrderStatus,
    /// Raised by each change.
    pub(crate) version: i64,
    pub(crate) fulfilment: Fulfilment,
    pub(crate) payment_method: PaymentMethod,
    pub(crate) subtotal_kurus: Money,
    pub(crate) discount_kurus: Money,
    pub(crate) delivery_fee_kurus: Money,
    pub(crate) total_kurus: Money,
    pub(crate) vat_kurus: Money,
    pub(crate) coupon_code: Option<String>,
    /// What it was given off by.
    pub(crate) campaign_id: Option<CampaignId>,
    /// Where to; `None` for who comes by, and where nothing was said.
    pub(crate) address: Option<AddressDetails>,
    pub(crate) note: Note,
    /// In which language its diner is written to.
    pub(crate) locale: Locale,
    pub(crate) is_asap: bool,
    /// For when it is wanted.
    pub(crate) target_at: Timestamp,
    /// The slot that it has a place in.
    pub(crate) slot_at: Option<Timestamp>,
    /// How long the restaurant has said that it takes.
    pub(crate) eta_minutes: Option<i16>,
    pub(crate) answer_by: Timestamp,
    /// When it moves by itself.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) accepted_at: Option<Timestamp>,
    /// When it came to its end.
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) changed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Order;

/// What was ordered, in its order.
pub(crate) mod line {
    use super::{MealId, Money, Note, Options};
    use sea_orm::entity::prelude::*;

    /// A meal with its options, as it was priced.
    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_order_line")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) position: i16,
        pub(crate) meal_id: MealId,
        pub(crate) name: String,
        pub(crate) options: Options,
        pub(crate) quantity: i16,
        pub(crate) unit_price_kurus: Money,
        pub(crate) total_kurus: Money,
        pub(crate) discount_kurus: Money,
        pub(crate) vat_bp: i16,
        pub(crate) vat_kurus: Money,
        pub(crate) note: Note,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What has become of it, from the first on.
pub(crate) mod event {
    use super::{OrderActor, OrderStatus, Timestamp, UserId};
    use sea_orm::entity::prelude::*;

    /// A step that it has made.
    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_order_event")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        pub(crate) status: OrderStatus,
        pub(crate) actor: OrderActor,
        pub(crate) actor_id: Option<UserId>,
        pub(crate) reason: Option<String>,
        pub(crate) at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use event::Model as OrderEvent;
pub(crate) use line::Model as OrderLine;

/// What changes as an order makes a step.
#[derive(Debug, Clone)]
pub(crate) struct OrderStep {
    pub(crate) from: Vec<OrderStatus>,
    pub(crate) to: OrderStatus,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) reason: Option<String>,
    pub(crate) eta_minutes: Option<i16>,
}

/// Writes an order that is not there yet, and answers it with its id.
pub(crate) async fn insert(tx: &WriteTransaction, order: Order) -> Result<Order> {
    let columns = ActiveModel { id: NotSet, ..order.into_active_model() };
    Ok(Entity::insert(columns).exec_with_returning(tx).await?)
}

pub(crate) async fn insert_lines(tx: &WriteTransaction, lines: Vec<OrderLine>) -> Result<()> {
    let rows = lines.into_iter().map(IntoActiveModel::into_active_model);
    line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn insert_event(tx: &WriteTransaction, event: OrderEvent) -> Result<()> {
    event::Entity::insert(event.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: OrderId) -> Result<Option<Order>> {
    Ok(Entity::find().filter(Column::PublicId.eq(id)).one(database).await?)
}

/// Up to `limit` orders of the user behind one, newest first.
pub(crate) async fn list_of_user(
    database: &impl Connection,
    user_id: UserId,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Order>> {
    let mut own = Entity::find().filter(Column::UserId.eq(user_id)).order_by_desc(Column::Id).limit(limit);
    if let Some(before) = before {
        own = own.filter(Column::Id.lt(before));
    }
    Ok(own.all(database).await?)
}

/// The lines of these orders, each in its order.
pub(crate) async fn list_lines(database: &impl Connection, orders: Vec<i64>) -> Result<Vec<OrderLine>> {
    let of_orders = line::Entity::find().filter(line::Column::OrderId.is_in(orders));
    Ok(of_orders.order_by_asc(line::Column::OrderId).order_by_asc(line::Column::Position).all(database).await?)
}

/// What has become of these orders, each from its first step on.
pub(crate) async fn list_events(database: &impl Connection, orders: Vec<i64>) -> Result<Vec<OrderEvent>> {
    let of_orders = event::Entity::find().filter(event::Column::OrderId.is_in(orders));
    Ok(of_orders.order_by_asc(event::Column::OrderId).order_by_asc(event::Column::Version).all(database).await?)
}

/// Makes the step, if the order stands where it may be made from; answers the order after it.
pub(crate) async fn step(tx: &WriteTransaction, id: i64, step: OrderStep, now: Timestamp) -> Result<Option<Order>> {
    let mut columns = ActiveModel {
        status: Set(step.to),
        due_at: Set(step.due_at),
        changed_at: Set(now),
        closed_at: Set(step.to.is_terminal().then_some(now)),
        ..Default::default()
    };
    if step.reason.is_some() {
        columns.reason = Set(step.reason);
    }
    if step.eta_minutes.is_some() {
        columns.eta_minutes = Set(step.eta_minutes);
    }
    if step.to == OrderStatus::Accepted {
        columns.accepted_at = Set(Some(now));
    }
    let one_more = Entity::update_many().set(columns).col_expr(Column::Version, Expr::col(Column::Version).add(1));
    let allowed = one_more.filter(Column::Id.eq(id)).filter(Column::Status.is_in(step.from));
    Ok(allowed.exec_with_returning(tx).await?.pop())
}

/// Up to `limit` orders that move by themselves by now, the longest due first.
pub(crate) async fn list_due(database: &impl Connection, now: Timestamp, limit: u64) -> Result<Vec<Order>> {
    let due = Entity::find().filter(Column::DueAt.lte(now)).order_by_asc(Column::DueAt).limit(limit);
    Ok(due.all(database).await?)
}
