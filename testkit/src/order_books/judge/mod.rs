//! What must hold in the books once nothing is under way any more.

mod mails;
mod money;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::answers::{AnsweredCheckout, CheckoutOutcome};
use super::{BookedOrder, BookedStep, OrderAnswers, OrderBooks};

/// What waits for a card. Nobody gets a mail of it.
pub(super) const UNPAID: &str = "awaiting_payment";
/// What an order is that came to nothing.
pub(super) const NOTHING: &[&str] = &["rejected", "cancelled", "payment_failed"];

impl OrderBooks {
    /// What is wrong in them: each promise that is broken, with the order that it was made of.
    #[must_use]
    pub fn judge(&self, answers: &OrderAnswers) -> Vec<String> {
        let mut broken = Vec::new();
        self.judge_checkouts(answers, &mut broken);
        self.judge_histories(&mut broken);
        self.judge_answered_states(answers, &mut broken);
        self.judge_sums(&mut broken);
        self.judge_money(&mut broken);
        self.judge_mails(&mut broken);
        self.judge_threads(&mut broken);
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
            let booked: i64 = order.lines.iter().map(|line| line.quantity).sum();
            if *units != booked {
                broken.push(format!("order {number} has {booked} units of the {units} that were ordered"));
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
