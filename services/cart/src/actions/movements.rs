//! Movements of money that are wanted: each is a row, written with its cause.

use contracts::Money;
use database::{Connection, WriteTransaction};

use super::live;
use crate::error::CartError;
use crate::model::{MovementKind, Step};
use crate::store;
use crate::store::order::Order;
use crate::store::payment::{Movement, Payment, PaymentState};

/// What follows from a step of the order for its money, in the step's transaction.
pub(super) async fn follow_step(tx: &WriteTransaction, order: &Order, step: Step) -> Result<(), CartError> {
    let kind = match step {
        Step::Accept => MovementKind::Capture,
        Step::Reject | Step::Cancel | Step::FailPayment => MovementKind::Release,
        Step::Pay | Step::Prepare | Step::Dispatch | Step::Deliver => return Ok(()),
    };
    match of_order(tx, order).await? {
        Some(payment) if !matches!(payment.state, PaymentState::Declined | PaymentState::Released) => {
            want(tx, &payment, kind, payment.amount_kurus).await
        }
        Some(_) | None => Ok(()),
    }
}

/// Writes down that the movement is wanted; of each kind but refunds there is one.
pub(super) async fn want(
    tx: &WriteTransaction,
    payment: &Payment,
    kind: MovementKind,
    amount: Money,
) -> Result<(), CartError> {
    let known = store::payment::list_movements(tx, payment.id).await?;
    if kind != MovementKind::Refund && known.iter().any(|movement| movement.kind == kind) {
        return Ok(());
    }
    let nth = known.last().map_or(0, |last| last.nth) + 1;
    Ok(store::payment::insert_movement(tx, Movement::wanted(tx, payment, nth, kind, amount)).await?)
}

/// Writes what has become of a payment, and reports it to whoever watches its order, which the caller has to itself.
pub(super) async fn write(tx: &WriteTransaction, payment: Payment) -> Result<(), CartError> {
    let order_id = payment.order_id;
    store::payment::update(tx, payment).await?;
    Ok(live::report_payment(tx, order_id).await?)
}

/// What a card pays for the order, where one does.
pub(super) async fn of_order(database: &impl Connection, order: &Order) -> Result<Option<Payment>, CartError> {
    Ok(store::payment::list_of_orders(database, vec![order.id]).await?.pop())
}
