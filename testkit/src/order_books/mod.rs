//! The books of orders, seen from outside: what became of each order, what cards have paid with us and with their provider, and
//! what its diner was written. They are read from either database, and [`OrderBooks::judge`] holds them against each other, order by
//! order, and against what clients were answered.

mod answers;
mod database;
mod judge;

use std::collections::BTreeSet;

pub use answers::OrderAnswers;
pub use database::OrderDatabase;

use crate::ReceivedMail;

/// All that stands in the books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderBooks {
    orders: Vec<BookedOrder>,
    steps: Vec<BookedStep>,
    payments: Vec<BookedPayment>,
    /// What the provider has in its books of payments that no order has.
    charges_without_order: Vec<String>,
    mails: Vec<BookedMail>,
    /// What readers have got; `None` where nobody has seen that.
    arrived: Option<Vec<ArrivedMail>>,
}

/// An order. Its number is what clients of the first platform call it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct BookedOrder {
    number: i64,
    /// What it is called on the telephone.
    code: String,
    /// Its note, which holds the key of its checkout; empty where it had none.
    key: String,
    status: String,
    version: i64,
    payment_method: String,
    sums: Sums,
    lines: Vec<BookedLine>,
    /// Where its diner gets mail; empty where that is not known.
    reader: String,
}

/// What an order costs, in kuruş.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    subtotal: i64,
    discount: i64,
    delivery_fee: i64,
    total: i64,
}

/// A line of an order, in kuruş.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct BookedLine {
    quantity: i64,
    unit_price: i64,
    total: i64,
    discount: i64,
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
    amount_kurus: i64,
    captured_kurus: i64,
    refunded_kurus: i64,
}

/// A mail that speaks of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct BookedMail {
    /// Which order has asked for it, and in which version; `None` where none has.
    step: Option<(i64, i64)>,
    reader: String,
    subject: String,
    message_id: String,
    state: String,
    /// How often an answer of the mail server was lost, so that nobody knows whether it has the mail.
    ambiguities: i64,
}

/// A mail of a thread, as those of orders are, as its reader has got it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ArrivedMail {
    message_id: String,
    /// What it refers to, by which it is shown together with others.
    thread: String,
    text: String,
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
    /// The same with all that a mail server has got, so that mails are judged as their readers see them.
    #[must_use]
    pub fn with_arrivals(self, received: &[ReceivedMail]) -> Self {
        let arrived = received.iter().filter_map(|mail| {
            let thread = mail.header("References")?;
            Some(ArrivedMail { message_id: mail.message_id(), thread, text: mail.text() })
        });
        Self { arrived: Some(arrived.collect()), ..self }
    }

    /// How many mails of steps were not made yet.
    #[must_use]
    pub fn unmailed(&self) -> usize {
        let made: BTreeSet<(i64, i64)> = self.mails.iter().filter_map(|mail| mail.step).collect();
        let due = self.steps.iter().filter(|step| step.is_mailed && step.status != judge::UNPAID);
        due.filter(|step| !made.contains(&(step.order, step.version))).count()
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
}
