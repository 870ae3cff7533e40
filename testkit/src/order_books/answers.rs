//! What clients were answered of orders.

use reqwest::StatusCode;
use serde_json::Value;

/// The answers of a run.
#[derive(Debug, Clone, Default)]
pub struct OrderAnswers {
    pub(super) checkouts: Vec<AnsweredCheckout>,
    pub(super) states: Vec<AnsweredState>,
}

/// A checkout under a key, which was also sent as the order's note.
#[derive(Debug, Clone)]
pub(super) struct AnsweredCheckout {
    pub(super) key: String,
    /// Of all that was ordered.
    pub(super) units: i64,
    pub(super) outcome: CheckoutOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckoutOutcome {
    /// The order of this number.
    Placed(i64),
    /// The card pays nothing.
    Declined,
}

/// What an order was said to be.
#[derive(Debug, Clone)]
pub(super) struct AnsweredState {
    pub(super) order: i64,
    pub(super) version: i64,
    pub(super) status: String,
}

impl OrderAnswers {
    /// Notes what was answered to the checkout of so many units under `key`; false where that is neither an order nor a card that
    /// was declined.
    pub fn note_checkout(&mut self, (key, units): (&str, i64), (status, body): (StatusCode, &Value)) -> bool {
        let outcome = match status {
            StatusCode::OK => body["id"].as_i64().map(CheckoutOutcome::Placed),
            StatusCode::PAYMENT_REQUIRED => Some(CheckoutOutcome::Declined),
            _ => None,
        };
        let Some(outcome) = outcome else { return false };
        self.checkouts.push(AnsweredCheckout { key: key.to_owned(), units, outcome });
        outcome == CheckoutOutcome::Declined || self.note_state(body)
    }

    /// Notes an order as it was answered; false where that is none.
    pub fn note_state(&mut self, body: &Value) -> bool {
        let numbers = body["id"].as_i64().zip(body["version"].as_i64());
        let Some(((order, version), status)) = numbers.zip(body["status"].as_str()) else { return false };
        self.states.push(AnsweredState { order, version, status: status.to_owned() });
        true
    }

    /// Notes all that `other` has, too.
    pub fn append(&mut self, mut other: Self) {
        self.checkouts.append(&mut other.checkouts);
        self.states.append(&mut other.states);
    }

    /// How many checkouts were answered.
    #[must_use]
    pub fn checkouts(&self) -> usize {
        self.checkouts.len()
    }

    /// How many orders were shown.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.len()
    }
}
