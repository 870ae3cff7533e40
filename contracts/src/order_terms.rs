//! How a restaurant takes orders.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::Money;
use crate::money::optional_kurus;

/// Value added tax on food and drink, also as take-away, and on the way, in hundredths of a percent; alcohol has
/// [`ALCOHOL_VAT_BP`]. (Presidential decree 7346, list II/24, since 10 July 2023.)
pub const FOOD_VAT_BP: u16 = 1_000;
/// That on alcohol.
pub const ALCOHOL_VAT_BP: u16 = 2_000;

/// What an order is paid with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[derive(Display, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PaymentMethod {
    /// Money at the door.
    Cash,
    /// A card at the door.
    Pos,
    /// A card when it is ordered.
    CreditCard,
}

impl PaymentMethod {
    /// The word on the wire and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// When orders are answered, how many there may be, and how they are paid. Events of before there were orders have none of
/// these fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OrderTerms {
    /// For how many minutes an order waits for an answer before it is rejected.
    pub answer_within_minutes: u16,
    /// How many minutes a slot is long, counted from midnight.
    pub slot_minutes: u16,
    /// How many orders are due in one slot; any number when `null`.
    pub slot_capacity: Option<u16>,
    /// Whoever orders for so much pays nothing for the way; `null` where everybody pays.
    #[serde(with = "optional_kurus")]
    #[schemars(with = "Option<u64>")]
    pub free_from_kurus: Option<Money>,
    /// What it takes, at least one.
    pub payment_methods: Vec<PaymentMethod>,
    /// The tax within what the way costs, in hundredths of a percent.
    pub delivery_vat_bp: u16,
}

impl Default for OrderTerms {
    fn default() -> Self {
        Self {
            answer_within_minutes: 10,
            slot_minutes: 15,
            slot_capacity: None,
            free_from_kurus: None,
            payment_methods: PaymentMethod::VARIANTS.to_vec(),
            delivery_vat_bp: FOOD_VAT_BP,
        }
    }
}
