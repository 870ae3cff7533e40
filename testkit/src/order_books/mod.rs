//! The books of orders, seen from outside: what became of each order, what cards have paid with us and with their provider, and
//! who was written to. They are read from either database, and [`OrderBooks::judge`] holds them against what clients were answered.

mod answers;
mod database;
mod judge;

use std::collections::BTreeMap;

pub use answers::OrderAnswers;
pub use database::OrderDatabase;

/// All that stands in the books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderBooks {
    orders: Vec<BookedOrder>,
    steps: Vec<BookedStep>,
    payments: Vec<BookedPayment>,
    /// What the provider has in its books of payments that no order has.
    charges_without_order: Vec<String>,
    /// Mails of orders, by their reader.
    mails: BTreeMap<String, i64>,
}

/// An order. Its number is what clients of the first platform call it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BookedOrder {
    number: i64,
    /// Its note, which holds the key of its checkout; empty where it had none.
    key: String,
    status: String,
    version: i64,
    payment_method: String,
    total_kurus: i64,
    /// Of all its lines.
    units: i64,
    /// Where its diner gets mail; empty where that is not known.
    reader: String,
}

/// A step that an order has made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BookedStep {
    order: i64,
    version: i64,
    status: String,
    actor: String,
    /// Whether it was known where its diner gets mail when it was made.
    is_mailed: bool,
}

/// What a card pays with us, and what its provider has of that.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BookedPayment {
    order: i64,
    token: String,
    state: String,
    amount_kurus: i64,
    captured_kurus: i64,
    refunding_kurus: i64,
    refunded_kurus: i64,
    charge: Charge,
}

/// What the provider has; its state is empty where it has nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Charge {
    state: String,
    captured_kurus: i64,
    refunded_kurus: i64,
}

/// What can be said of all orders together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OrderTotals {
    /// How many there are.
    pub orders: usize,
    /// Those that are there.
    pub delivered: usize,
    /// Those that were rejected, called off or not paid.
    pub came_to_nothing: usize,
    /// All that they have been, from the first on.
    pub steps: usize,
    /// What cards have paid.
    pub captured_kurus: i64,
    /// What they got back.
    pub refunded_kurus: i64,
}

impl OrderBooks {
    /// How many mails of steps were not made yet, at least.
    #[must_use]
    pub fn unmailed(&self) -> i64 {
        let due = self.steps_by_reader(|step| step.is_mailed);
        due.into_iter().map(|(reader, due)| (due - self.mails_to(&reader)).max(0)).sum()
    }

    /// What can be said of all orders together.
    #[must_use]
    pub fn totals(&self) -> OrderTotals {
        let count = |statuses: &[&str]| self.orders.iter().filter(|order| statuses.contains(&&*order.status)).count();
        OrderTotals {
            orders: self.orders.len(),
            delivered: count(&["delivered"]),
            came_to_nothing: count(judge::NOTHING),
            steps: self.steps.len(),
            captured_kurus: self.payments.iter().map(|payment| payment.captured_kurus).sum(),
            refunded_kurus: self.payments.iter().map(|payment| payment.refunded_kurus).sum(),
        }
    }

    fn mails_to(&self, reader: &str) -> i64 {
        self.mails.get(reader).copied().unwrap_or_default()
    }

    /// How many steps that count the orders of each reader have made of which a mail goes out: all but that they wait for a card.
    fn steps_by_reader(&self, counts: impl Fn(&BookedStep) -> bool) -> BTreeMap<String, i64> {
        let readers: BTreeMap<i64, &str> =
            self.orders.iter().map(|order| (order.number, order.reader.as_str())).collect();
        let mut by_reader = BTreeMap::new();
        for step in self.steps.iter().filter(|step| step.status != judge::UNPAID && counts(step)) {
            let reader = readers.get(&step.order).copied().unwrap_or_default();
            *by_reader.entry(reader.to_owned()).or_default() += 1;
        }
        by_reader
    }
}
