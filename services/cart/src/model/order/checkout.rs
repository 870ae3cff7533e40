//! What is to be ordered.

use clock::Timestamp;
use contracts::{AddressId, Locale, MealId, Money, PaymentMethod};
use serde::Serialize;

use super::{CouponCode, Fulfilment};
use crate::model::{Note, Options, SandboxToken};

/// What somebody wants to order.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Checkout {
    /// `None` for what stands in the cart.
    pub(crate) items: Option<Vec<CheckoutItem>>,
    pub(crate) payment_method: PaymentMethod,
    pub(crate) coupon: Option<CouponCode>,
    /// The default one when `None`.
    pub(crate) address_id: Option<AddressId>,
    /// As soon as it can be when `None`.
    pub(crate) wanted_at: Option<Timestamp>,
    pub(crate) fulfilment: Fulfilment,
    pub(crate) note: Note,
    /// What the diner has seen.
    pub(crate) expected_total: Option<Money>,
    /// The card, where one pays.
    pub(crate) card: SandboxToken,
    /// The request is the same in any language.
    #[serde(skip)]
    pub(crate) locale: Locale,
}

/// A meal with its options.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CheckoutItem {
    pub(crate) meal_id: MealId,
    pub(crate) quantity: i16,
    pub(crate) options: Options,
    pub(crate) note: Note,
    /// What the diner has seen for one. A request that does not say is the same as before there was such a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_price: Option<Money>,
}
