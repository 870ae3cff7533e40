//! What a restaurant has earned by `cart_order`, less what `cart_payment` has given back.

use clock::Timestamp;
use contracts::{Money, OrderStatus, PaymentMethod, RestaurantId};
use database::{Connection, Result};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, CaseStatement, Query, SelectStatement, SimpleExpr};
use sea_orm::{ExprTrait, FromQueryResult};

use super::order::{Column, Entity};
use super::payment;

/// What was delivered within a span of time and paid in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub(crate) struct EarningsRow {
    /// Which span, counted from 0.
    pub(crate) span: i32,
    pub(crate) payment_method: PaymentMethod,
    pub(crate) orders: i64,
    pub(crate) subtotal_kurus: Money,
    pub(crate) discount_kurus: Money,
    pub(crate) delivery_fee_kurus: Money,
    pub(crate) total_kurus: Money,
    pub(crate) refunded_kurus: Money,
}

/// The sums of what the restaurant has delivered, for each span between one of `bounds` and the next, and for each way to pay; none
/// where nothing was delivered. It reads as many orders as there were from the first bound to the last.
pub(crate) async fn list(
    database: &impl Connection,
    restaurant_id: RestaurantId,
    bounds: &[Timestamp],
) -> Result<Vec<EarningsRow>> {
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return Ok(Vec::new()) };
    let delivered = delivered(restaurant_id, (*first, *last), span_of(&bounds[1..]));
    let sum = |column: &'static str| Expr::col(Alias::new(column)).sum().cast_as("bigint");
    let mut sums = Query::select();
    sums.columns(["span", "payment_method"].map(Alias::new)).expr_as(Expr::cust("COUNT(*)"), Alias::new("orders"));
    for column in SUMMED {
        sums.expr_as(sum(column), Alias::new(column));
    }
    sums.from_subquery(delivered, Alias::new("delivered"))
        .group_by_columns(["span", "payment_method"].map(Alias::new))
        .order_by(Alias::new("span"), sea_orm::Order::Asc)
        .order_by(Alias::new("payment_method"), sea_orm::Order::Asc);
    Ok(EarningsRow::find_by_statement(database.get_database_backend().build(&sums)).all(database).await?)
}

const SUMMED: [&str; 5] = ["subtotal_kurus", "discount_kurus", "delivery_fee_kurus", "total_kurus", "refunded_kurus"];

/// Each order that was delivered from `first` until before `last`, with the span that it falls into.
fn delivered(restaurant_id: RestaurantId, (first, last): (Timestamp, Timestamp), span: SimpleExpr) -> SelectStatement {
    let refunded = Expr::col((payment::Entity, payment::Column::RefundedKurus)).if_null(0);
    let of_order = Expr::col((payment::Entity, payment::Column::OrderId)).equals((Entity, Column::Id));
    Query::select()
        .expr_as(span, Alias::new("span"))
        .columns([
            Column::PaymentMethod,
            Column::SubtotalKurus,
            Column::DiscountKurus,
            Column::DeliveryFeeKurus,
            Column::TotalKurus,
        ])
        .expr_as(refunded, Alias::new("refunded_kurus"))
        .from(Entity)
        .left_join(payment::Entity, of_order)
        .and_where(Column::RestaurantId.eq(restaurant_id))
        .and_where(Column::ClosedAt.gte(first))
        .and_where(Column::ClosedAt.lt(last))
        .and_where(Column::Status.eq(OrderStatus::Delivered))
        .take()
}

/// The number of the first span that ends behind it.
fn span_of(ends: &[Timestamp]) -> SimpleExpr {
    let numbered = ends.iter().zip(0_i32..);
    let spans =
        numbered.fold(CaseStatement::new(), |spans, (end, number)| spans.case(Column::ClosedAt.lt(*end), number));
    spans.into()
}
