//! What orders cost, and what cards have paid for them.

use std::collections::BTreeMap;

use super::{NOTHING, UNPAID};
use crate::order_books::{BookedOrder, BookedPayment, OrderBooks};

/// What an order is once the restaurant has said yes.
const TAKEN_ON: [&str; 4] = ["accepted", "preparing", "on_the_way", "delivered"];
/// A card that says yes and gives no money.
pub(super) const WITHOUT_MONEY: &str = "capture_fails";

impl OrderBooks {
    /// The total of each order follows from its lines, and so do the sums before it.
    pub(super) fn judge_sums(&self, broken: &mut Vec<String>) {
        for order in &self.orders {
            let faults = faults_of_sums(order);
            broken.extend(faults.map(|fault| format!("order {} {fault}: {order:?}", order.number)));
        }
    }

    /// Our books are the provider's, nobody is charged without an order, what came to nothing costs nothing, and what the restaurant
    /// has said yes to is paid.
    pub(super) fn judge_money(&self, broken: &mut Vec<String>) {
        let without = &self.charges_without_order;
        broken.extend(without.iter().map(|charge| format!("a charge belongs to no order: {charge}")));
        let mut of_order: BTreeMap<i64, Vec<&BookedPayment>> = BTreeMap::new();
        for payment in &self.payments {
            of_order.entry(payment.order).or_default().push(payment);
        }
        for order in &self.orders {
            let payments = of_order.remove(&order.number).unwrap_or_default();
            let wanted = usize::from(order.payment_method == "credit_card");
            if payments.len() != wanted {
                let (number, count, method) = (order.number, payments.len(), &order.payment_method);
                broken.push(format!("order {number} has {count} payments, and is paid by {method}"));
            }
            for payment in payments {
                let faults = faults_of_payment(order, payment);
                broken.extend(faults.map(|fault| format!("order {} {fault}: {order:?} {payment:?}", order.number)));
            }
        }
        broken.extend(of_order.keys().map(|number| format!("order {number} has a payment and is not there")));
    }
}

/// What is wrong with what an order costs.
fn faults_of_sums(order: &BookedOrder) -> impl Iterator<Item = &'static str> {
    let (sums, lines) = (order.sums, &order.lines);
    let of_lines: i64 = lines.iter().map(|line| line.total).sum();
    let off: i64 = lines.iter().map(|line| line.discount).sum();
    let is_line_wrong = lines
        .iter()
        .any(|line| line.total != line.unit_price * line.quantity || !(0..=line.total).contains(&line.discount));
    let faults = [
        (lines.is_empty(), "has no lines"),
        (is_line_wrong, "has a line that costs something else"),
        (sums.subtotal != of_lines, "costs something else than its lines"),
        (sums.discount != off, "has another discount than its lines"),
        (sums.total != sums.subtotal - sums.discount + sums.delivery_fee, "has a total that does not follow"),
    ];
    faults.into_iter().filter_map(|(is_fault, fault)| is_fault.then_some(fault))
}

/// What is wrong with a payment, once no movement of its money is open.
pub(super) fn faults_of_payment(order: &BookedOrder, payment: &BookedPayment) -> impl Iterator<Item = &'static str> {
    let (captured, refunded, charge) = (payment.captured_kurus, payment.refunded_kurus, &payment.charge);
    let (is_held, is_let_go) = (charge.state == "authorised", ["", "voided", "declined"].contains(&&*charge.state));
    let is_nothing = NOTHING.contains(&&*order.status);
    let is_taken_on = TAKEN_ON.contains(&&*order.status);
    let is_without_money = payment.token == WITHOUT_MONEY;
    let faults = [
        (payment.amount_kurus != order.sums.total, "is not what its card pays"),
        (is_held && charge.amount_kurus != payment.amount_kurus, "is held with the provider for another amount"),
        (
            (captured, refunded) != (charge.captured_kurus, charge.refunded_kurus) || payment.refunding_kurus != 0,
            "has other books with us than with the provider",
        ),
        (is_nothing && captured != refunded, "came to nothing and costs something"),
        (is_nothing && captured == 0 && !is_let_go, "came to nothing and is held"),
        (
            order.status == "placed" && (captured != 0 || payment.state != "authorised" || !is_held),
            "waits for its answer and is not held",
        ),
        (order.status == UNPAID, "still waits for its card"),
        (is_taken_on && !is_without_money && captured > payment.amount_kurus, "is paid more than once"),
        (
            is_taken_on && !is_without_money && (captured < payment.amount_kurus || refunded != 0),
            "was taken on and is not paid",
        ),
        (
            is_taken_on && is_without_money && (captured != 0 || !is_let_go),
            "has a card without money, which is charged",
        ),
    ];
    faults.into_iter().filter_map(|(is_fault, fault)| is_fault.then_some(fault))
}
