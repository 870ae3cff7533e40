//! How a restaurant takes orders, as its owner writes it down.

use contracts::{Money, OrderTerms, PaymentMethod};
use kit::{Faults, FieldChange, FieldValue, FromField, Text};
use serde_json::Value;

use super::numbers::in_range;

/// For how many minutes an order waits for an answer, 1 to 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnswerMinutes(u16);

/// How long a slot is: as many as fit into an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotMinutes(u16);

/// How many orders are due in one slot, 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotCapacity(u16);

/// What a restaurant takes: at least one, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaymentMethods(Vec<PaymentMethod>);

/// A tax in hundredths of a percent, up to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VatRate(u16);

/// What changes; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderTermsChange {
    pub(crate) answer_within: Option<AnswerMinutes>,
    pub(crate) slot_length: Option<SlotMinutes>,
    pub(crate) slot_capacity: FieldChange<SlotCapacity>,
    pub(crate) free_from: FieldChange<Money>,
    pub(crate) payment_methods: Option<PaymentMethods>,
    pub(crate) delivery_vat: Option<VatRate>,
}

impl OrderTermsChange {
    /// What `before` becomes.
    pub(crate) fn apply(self, before: OrderTerms) -> OrderTerms {
        OrderTerms {
            answer_within_minutes: self.answer_within.map_or(before.answer_within_minutes, |minutes| minutes.0),
            slot_minutes: self.slot_length.map_or(before.slot_minutes, |minutes| minutes.0),
            slot_capacity: self.slot_capacity.map(|capacity| capacity.0).apply(before.slot_capacity),
            free_from_kurus: self.free_from.apply(before.free_from_kurus),
            payment_methods: self.payment_methods.map_or(before.payment_methods, |methods| methods.0),
            delivery_vat_bp: self.delivery_vat.map_or(before.delivery_vat_bp, |rate| rate.0),
        }
    }
}

impl FieldValue for AnswerMinutes {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 60).map(Self)
    }
}

impl FieldValue for SlotMinutes {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        let minutes = in_range(raw, 5, 60)?;
        if 60_u16.is_multiple_of(minutes) {
            Ok(Self(minutes))
        } else {
            Err(("SLOT_LENGTH_INVALID", SLOT_LENGTH_INVALID))
        }
    }
}

impl FieldValue for SlotCapacity {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 1, 1000).map(Self)
    }
}

impl FieldValue for VatRate {
    type Raw = i64;

    fn parse(raw: i64) -> Result<Self, (&'static str, Text)> {
        in_range(raw, 0, 10_000).map(Self)
    }
}

impl FromField for PaymentMethods {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let methods = faults.rows(raw, 3, |row, faults| {
            let method = row.as_str().and_then(|method| method.parse::<PaymentMethod>().ok());
            method.or_else(|| faults.refuse("PAYMENT_METHOD_UNKNOWN", METHOD_UNKNOWN))
        })?;
        if methods.is_empty() {
            return faults.refuse("TOO_FEW", NO_METHOD);
        }
        faults.check_once(&methods, ("", "TWICE", TWICE));
        Some(Self(methods))
    }
}

const SLOT_LENGTH_INVALID: Text = Text::new(
    "Bir saatin içine tam sığmalıdır: 5, 6, 10, 12, 15, 20, 30 ya da 60.",
    "It must fit into an hour: 5, 6, 10, 12, 15, 20, 30 or 60.",
);
const METHOD_UNKNOWN: Text = Text::new(
    "Ödeme yöntemleri şunlardan olabilir: cash, pos, credit_card.",
    "Payment methods can be of these: cash, pos, credit_card.",
);
const NO_METHOD: Text = Text::new("En az bir ödeme yöntemi gerekir.", "At least one payment method is needed.");
const TWICE: Text = Text::new("Bu listede bir yöntem iki kez var.", "A method stands in this list twice.");
