//! What must hold in the books once nothing is under way any more.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{AnsweredCheckout, CheckoutOutcome};
use super::{BookedOrder, BookedPayment, BookedStep, OrderAnswers, OrderBooks};

/// What waits for a card. Nobody gets a mail of it.
pub(super) const UNPAID: &str = "awaiting_payment";
/// What an order is that came to nothing.
pub(super) const NOTHING: &[&str] = &["rejected", "cancelled", "payment_failed"];
/// What it is once the restaurant has said yes.
const TAKEN_ON: [&str; 4] = ["accepted", "preparing", "on_the_way", "delivered"];
/// A card that says yes and gives no money.
const WITHOUT_MONEY: &str = "capture_fails";

impl OrderBooks {
    /// What is wrong in them: each promise that is broken, with the order that it was made of.
    #[must_use]
    pub fn judge(&self, answers: &OrderAnswers) -> Vec<String> {
        let mut broken = Vec::new();
        self.judge_checkouts(answers, &mut broken);
        self.judge_histories(&mut broken);
        self.judge_answered_states(answers, &mut broken);
        self.judge_money(&mut broken);
        self.judge_mails(&mut broken);
        broken
    }

    /// Every checkout that was answered is the order that it was answered as, and no key has two.
    fn judge_checkouts(&self, answers: &OrderAnswers, broken: &mut Vec<String>) {
        let mut of_key: BTreeMap<&str, Vec<&BookedOrder>> = BTreeMap::new();
        for order in self.orders.iter().filter(|order| !order.key.is_empty()) {
            of_key.entry(&order.key).or_default().push(order);
        }
        let doubled = of_key.iter().filter(|(_, orders)| orders.len() > 1);
        broken.extend(doubled.map(|(key, orders)| format!("the key {key} has {} orders", orders.len())));
        for AnsweredCheckout { key, units, outcome } in &answers.checkouts {
            let Some(order) = of_key.get(key.as_str()).and_then(|orders| orders.first()) else {
                broken.push(format!("the checkout under {key} was answered, and there is no such order"));
                continue;
            };
            let BookedOrder { number, status, .. } = order;
            match outcome {
                CheckoutOutcome::Placed(answered) if answered != number => {
                    broken.push(format!(
                        "the checkout under {key} was answered as order {answered} and is order {number}"
                    ));
                }
                CheckoutOutcome::Declined if status != "payment_failed" => {
                    broken.push(format!("order {number} was answered as not paid and is {status}"));
                }
                CheckoutOutcome::Placed(_) | CheckoutOutcome::Declined => {}
            }
            if *units != order.units {
                broken.push(format!("order {number} has {} units of the {units} that were ordered", order.units));
            }
        }
    }

    /// The history of each order has no gap, leads to what the order is, and has only steps that its actor may make.
    fn judge_histories(&self, broken: &mut Vec<String>) {
        let mut histories = self.histories();
        for order in &self.orders {
            let (number, history) = (order.number, histories.remove(&order.number).unwrap_or_default());
            let versions: Vec<i64> = history.iter().map(|step| step.version).collect();
            if !versions.iter().copied().eq(1..=order.version) {
                broken
                    .push(format!("order {number} is in version {}, and its history has {versions:?}", order.version));
            }
            let last = history.last().map_or("nothing", |step| step.status.as_str());
            if last != order.status {
                broken.push(format!("order {number} is {}, and {last} by its history", order.status));
            }
            let befores = std::iter::once(None).chain(history.iter().map(|step| Some(step.status.as_str())));
            for (before, step) in befores.zip(&history) {
                if !is_legal(before, step, &order.payment_method) {
                    let (before, BookedStep { status, actor, .. }) = (before.unwrap_or("nothing"), step);
                    broken.push(format!("order {number} went from {before} to {status} by the {actor}"));
                }
            }
        }
        broken.extend(histories.keys().map(|number| format!("order {number} has a history and is not there")));
    }

    /// What an order was said to be it was.
    fn judge_answered_states(&self, answers: &OrderAnswers, broken: &mut Vec<String>) {
        let booked: BTreeMap<(i64, i64), &str> =
            self.steps.iter().map(|step| ((step.order, step.version), step.status.as_str())).collect();
        for answered in &answers.states {
            let booked = booked.get(&(answered.order, answered.version)).copied().unwrap_or("nothing");
            if booked != answered.status {
                let (order, version, status) = (answered.order, answered.version, &answered.status);
                broken.push(format!("order {order} was answered as {status} in version {version}, which was {booked}"));
            }
        }
    }

    /// Our books are the provider's, nobody is charged without an order, what came to nothing costs nothing, and what the restaurant
    /// has said yes to is paid.
    fn judge_money(&self, broken: &mut Vec<String>) {
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

    /// Of each step one mail was made, from when on it was known where to.
    fn judge_mails(&self, broken: &mut Vec<String>) {
        let (due, all) = (self.steps_by_reader(|step| step.is_mailed), self.steps_by_reader(|_| true));
        let readers: BTreeSet<&String> =
            all.keys().chain(self.mails.keys()).filter(|reader| !reader.is_empty()).collect();
        for reader in readers {
            let of = |steps: &BTreeMap<String, i64>| steps.get(reader).copied().unwrap_or_default();
            let (due, all, made) = (of(&due), of(&all), self.mails_to(reader));
            if !(due..=all).contains(&made) {
                broken.push(format!(
                    "{reader} has {made} mails of orders, which made {all} steps, {due} of them to be mailed"
                ));
            }
        }
    }

    fn histories(&self) -> BTreeMap<i64, Vec<&BookedStep>> {
        let mut histories: BTreeMap<i64, Vec<&BookedStep>> = BTreeMap::new();
        for step in &self.steps {
            histories.entry(step.order).or_default().push(step);
        }
        for history in histories.values_mut() {
            history.sort_by_key(|step| step.version);
        }
        histories
    }
}

/// What is wrong with a payment, once no movement of its money is open.
fn faults_of_payment(order: &BookedOrder, payment: &BookedPayment) -> impl Iterator<Item = &'static str> {
    let (captured, refunded, charge) = (payment.captured_kurus, payment.refunded_kurus, &payment.charge);
    let (is_held, is_let_go) = (charge.state == "authorised", ["", "voided", "declined"].contains(&&*charge.state));
    let is_nothing = NOTHING.contains(&&*order.status);
    let is_taken_on = TAKEN_ON.contains(&&*order.status);
    let is_without_money = payment.token == WITHOUT_MONEY;
    let faults = [
        (payment.amount_kurus != order.total_kurus, "is not what its card pays"),
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
        (
            is_taken_on && !is_without_money && (captured != payment.amount_kurus || refunded != 0),
            "was taken on and is not paid",
        ),
        (
            is_taken_on && is_without_money && (captured != 0 || !is_let_go),
            "has a card without money, which is charged",
        ),
    ];
    faults.into_iter().filter_map(|(is_fault, fault)| is_fault.then_some(fault))
}

/// Whether an order that was `before` may become so by this actor. The table is that of the contract, and not of the code.
fn is_legal(before: Option<&str>, step: &BookedStep, payment_method: &str) -> bool {
    let runs_restaurant = ["owner", "admin"].contains(&&*step.actor);
    let (is_diner, is_system) = (step.actor == "diner", step.actor == "system");
    let is_by_card = payment_method == "credit_card";
    match (before, step.status.as_str()) {
        (None, UNPAID) => is_diner && is_by_card,
        (None, "placed") => is_diner && !is_by_card,
        (Some(UNPAID), "placed" | "payment_failed") => is_system,
        (Some(UNPAID | "placed"), "cancelled") => is_diner,
        (Some("placed"), "accepted") => runs_restaurant,
        (Some("placed"), "rejected") => runs_restaurant || is_system,
        (Some("accepted"), "preparing") => runs_restaurant,
        (Some("accepted" | "preparing"), "on_the_way") => runs_restaurant,
        (Some("accepted" | "preparing"), "delivered") => runs_restaurant,
        (Some("on_the_way"), "delivered") => runs_restaurant || is_system,
        // Within two minutes.
        (Some("accepted"), "cancelled") => true,
        // A card that gives no money after all.
        (Some("preparing"), "cancelled") => runs_restaurant || is_system,
        (Some("on_the_way"), "cancelled") => runs_restaurant,
        // It takes longer.
        (Some("accepted"), "accepted") | (Some("preparing"), "preparing") => runs_restaurant,
        _ => false,
    }
}
