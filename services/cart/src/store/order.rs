//! `cart_order`, its lines and what has become of it.

use clock::Timestamp;
use contracts::{
    AddressDetails, CampaignId, Locale, MealId, Money, OrderActor, OrderId, OrderStatus, PaymentMethod, RestaurantId,
    UserId,
};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{Condition, ExprTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect};

use crate::model::{BoardView, Fulfilment, GivenReason, Note, Options, OrderCode, Reason, ReasonText, UNPLACED};

contracts::text_column!(Fulfilment);
contracts::text_column!(OrderCode);
contracts::text_column!(Reason);

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
    /// How often that has failed.
    pub(crate) due_attempts: i16,
    pub(crate) reason: Option<Reason>,
    pub(crate) reason_text: Option<ReasonText>,
    /// How often it was said that it takes longer.
    pub(crate) delays: i16,
    /// The version that the diner's cart of this restaurant had; `None` where there was none.
    pub(crate) cart_version: Option<i64>,
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
    use super::{OrderActor, OrderStatus, Reason, ReasonText, Timestamp, UserId};
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
        pub(crate) reason: Option<Reason>,
        pub(crate) reason_text: Option<ReasonText>,
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
    pub(crate) times: OrderTimes,
    pub(crate) reason: Option<GivenReason>,
    pub(crate) eta_minutes: Option<i16>,
}

/// For when an order is wanted, and when it moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderTimes {
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) target_at: Timestamp,
    pub(crate) answer_by: Timestamp,
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

/// The order that clients of the first platform call so.
pub(crate) async fn find_by_number(database: &impl Connection, id: i64) -> Result<Option<Order>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// How many orders of the user wait for a card.
pub(crate) async fn count_unpaid(database: &impl Connection, user_id: UserId) -> Result<u64> {
    let own = Entity::find().filter(Column::UserId.eq(user_id));
    Ok(own.filter(Column::Status.eq(OrderStatus::AwaitingPayment)).count(database).await?)
}

/// Lets an order that waits for a card wait for longer before it moves by itself.
pub(crate) async fn postpone(tx: &WriteTransaction, id: i64, due_at: Timestamp) -> Result<()> {
    let columns = ActiveModel { due_at: Set(Some(due_at)), ..Default::default() };
    let waiting = Entity::update_many().set(columns).filter(Column::Id.eq(id));
    waiting.filter(Column::Status.eq(OrderStatus::AwaitingPayment)).exec(tx).await?;
    Ok(())
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
pub(crate) async fn step(tx: &WriteTransaction, id: i64, step: OrderStep) -> Result<Option<Order>> {
    let now = tx.now();
    let mut columns = ActiveModel {
        status: Set(step.to),
        due_at: Set(step.times.due_at),
        due_attempts: Set(0),
        target_at: Set(step.times.target_at),
        answer_by: Set(step.times.answer_by),
        changed_at: Set(now),
        closed_at: Set(step.to.is_terminal().then_some(now)),
        ..Default::default()
    };
    if let Some(GivenReason { reason, text }) = step.reason {
        columns.reason = Set(Some(reason));
        columns.reason_text = Set(text);
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

/// Notes when something about the order has changed that is no step of it.
pub(crate) async fn touch(tx: &WriteTransaction, id: i64, changed_at: Timestamp) -> Result<()> {
    let columns = ActiveModel { changed_at: Set(changed_at), ..Default::default() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Says that it is wanted later than before, if nobody has changed it since it was read; answers the order after that.
pub(crate) async fn delay(tx: &WriteTransaction, order: &Order, target_at: Timestamp) -> Result<Option<Order>> {
    let columns = ActiveModel {
        target_at: Set(target_at),
        delays: Set(order.delays + 1),
        version: Set(order.version + 1),
        changed_at: Set(tx.now()),
        ..Default::default()
    };
    let same = Entity::update_many().set(columns).filter(Column::Id.eq(order.id));
    Ok(same.filter(Column::Version.eq(order.version)).exec_with_returning(tx).await?.pop())
}

/// Up to `limit` orders of a restaurant behind one: open ones oldest first, closed ones newest first.
pub(crate) async fn list_of_restaurant(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    (view, after): (BoardView, Option<i64>),
    limit: u64,
) -> Result<Vec<Order>> {
    let own = Entity::find().filter(Column::RestaurantId.eq(restaurant_id)).filter(was_placed()).limit(limit);
    let page = match view {
        BoardView::Open => {
            let open = own.filter(Column::ClosedAt.is_null()).order_by_asc(Column::Id);
            after.map_or_else(|| open.clone(), |after| open.clone().filter(Column::Id.gt(after)))
        }
        BoardView::Closed => {
            let closed = own.filter(Column::ClosedAt.is_not_null()).order_by_desc(Column::Id);
            after.map_or_else(|| closed.clone(), |before| closed.clone().filter(Column::Id.lt(before)))
        }
    };
    Ok(page.all(database).await?)
}

/// Whether an order has come to its restaurant: [`crate::model::was_placed`] in the words of a query.
pub(super) fn was_placed() -> Condition {
    let of_order = |own, column| Expr::col((event::Entity, own)).equals((Entity, column));
    let before = Query::select()
        .expr(Expr::val(1))
        .from(event::Entity)
        .and_where(of_order(event::Column::OrderId, Column::Id))
        .and_where(Expr::col((event::Entity, event::Column::Version)).eq(Expr::col((Entity, Column::Version)).sub(1)))
        .and_where(Expr::col((event::Entity, event::Column::Status)).eq(OrderStatus::AwaitingPayment))
        .take();
    let was_called_off =
        Condition::any().add(Column::Status.ne(OrderStatus::Cancelled)).add(Expr::exists(before).not());
    Condition::all().add(Column::Status.is_not_in(UNPLACED)).add(was_called_off)
}

/// Up to `limit` orders that move by themselves by now, the longest due first, each with how often that has failed. Those that wait
/// for a card are not among them, and neither are `locked` ones.
pub(crate) async fn list_due(
    database: &impl Connection,
    now: Timestamp,
    locked: &[OrderId],
    limit: u64,
) -> Result<Vec<(OrderId, i16)>> {
    list_due_of(database, Entity::find().filter(is_unpaid().not()), (now, locked), limit).await
}

/// The same of those that wait for a card.
pub(crate) async fn list_unpaid(
    database: &impl Connection,
    now: Timestamp,
    locked: &[OrderId],
    limit: u64,
) -> Result<Vec<(OrderId, i16)>> {
    list_due_of(database, Entity::find().filter(is_unpaid()), (now, locked), limit).await
}

async fn list_due_of(
    database: &impl Connection,
    orders: Select<Entity>,
    (now, locked): (Timestamp, &[OrderId]),
    limit: u64,
) -> Result<Vec<(OrderId, i16)>> {
    let mut orders = orders.filter(Column::DueAt.lte(now));
    if !locked.is_empty() {
        orders = orders.filter(Column::PublicId.is_not_in(locked.iter().copied()));
    }
    let due = orders.order_by_asc(Column::DueAt).limit(limit).select_only();
    Ok(due.column(Column::PublicId).column(Column::DueAttempts).into_tuple().all(database).await?)
}

/// As the index says it: SQLite finds no value in a parameter.
fn is_unpaid() -> Expr {
    Expr::cust("status = 'awaiting_payment'")
}

/// More are not counted.
const MOST_ATTEMPTS: i16 = 1_000;

/// Whether nobody else holds the order's row, where there is one. `tx` holds it then.
pub(crate) async fn try_lock(tx: &WriteTransaction, id: OrderId) -> Result<bool> {
    let row = Entity::find().filter(Column::PublicId.eq(id)).select_only().column(Column::Id);
    let row = row.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    Ok(row.into_tuple::<i64>().one(tx).await?.is_some())
}

/// Lets an order whose step has failed once more wait until then, so that others come before it.
pub(crate) async fn put_off(tx: &WriteTransaction, id: OrderId, until: Timestamp) -> Result<()> {
    let columns = ActiveModel { due_at: Set(Some(until)), ..Default::default() };
    let counted = Expr::case(Expr::col(Column::DueAttempts).lt(MOST_ATTEMPTS), Expr::col(Column::DueAttempts).add(1));
    let attempts = counted.finally(Expr::col(Column::DueAttempts));
    let due = Entity::update_many().set(columns).col_expr(Column::DueAttempts, attempts.into());
    due.filter(Column::PublicId.eq(id)).filter(Column::DueAt.lte(tx.now())).exec(tx).await?;
    Ok(())
}
