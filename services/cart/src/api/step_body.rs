//! What the steps of orders are sent with.

use contracts::Locale;
use kit::{Faults, Field, Problem, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::{AskedStep, Reordered};
use crate::error::UnavailableItem;
use crate::model::{GivenReason, HumanReason, Minutes, OnConflict, Reason, ReasonText, Step};

use super::body::ItemBody;

/// How long it will take.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct AcceptOrder {
    /// For an order that is wanted as soon as it can be: in how many minutes it will be there. As reckoned when left out.
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 5, maximum = 180, example = 40)]
    eta_minutes: Field<Minutes>,
}

/// Why an order is turned down.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RejectOrder {
    /// `closed`, `sold_out`, `too_busy`, `area`, or `other` with a text.
    #[serde(default)]
    #[schema(required, value_type = String, example = "too_busy")]
    reason: Field<HumanReason>,
    /// In the restaurant's own words, for whoever has ordered.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub(super) text: Field<ReasonText>,
}

/// Why an order is called off. Whoever has ordered need not say.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CancelOrder {
    /// `closed`, `sold_out`, `too_busy`, `area`, or `other` with a text.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "sold_out")]
    reason: Field<HumanReason>,
    /// In the restaurant's own words, for whoever has ordered.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    text: Field<ReasonText>,
}

/// How much longer it takes.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DelayOrder {
    #[serde(default)]
    #[schema(required, value_type = i16, minimum = 5, maximum = 180, example = 15)]
    minutes: Field<Minutes>,
}

/// What becomes of the cart.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Reorder {
    /// What becomes of meals of another restaurant that are in the cart: with `keep`, or left out, they stay and the answer is 400.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "replace")]
    on_conflict: Field<OnConflict>,
}

/// What of an order is in the cart again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reordered)]
pub(super) struct ReorderedBody {
    message: &'static str,
    /// The lines of the cart that it has added to.
    items: Vec<ItemBody>,
    /// What can't be had any more.
    unavailable: Vec<UnavailableItem>,
}

impl AcceptOrder {
    pub(super) fn step(self) -> Result<AskedStep, Problem> {
        let mut faults = Faults::default();
        let eta = faults.unless_null("eta_minutes", self.eta_minutes);
        faults.check()?;
        Ok(AskedStep { eta, ..Step::Accept.into() })
    }
}

impl RejectOrder {
    pub(super) fn step(self) -> Result<AskedStep, Problem> {
        let mut faults = Faults::default();
        let reason = faults.required("reason", self.reason);
        let reason = given(&mut faults, reason, self.text);
        faults.check()?;
        Ok(AskedStep { reason, ..Step::Reject.into() })
    }
}

impl CancelOrder {
    pub(super) fn step(self) -> Result<AskedStep, Problem> {
        let mut faults = Faults::default();
        let reason = faults.unless_null("reason", self.reason);
        let reason = given(&mut faults, reason, self.text);
        faults.check()?;
        Ok(AskedStep { reason, ..Step::Cancel.into() })
    }
}

impl DelayOrder {
    pub(super) fn minutes(self) -> Result<Minutes, Problem> {
        let mut faults = Faults::default();
        match faults.required("minutes", self.minutes) {
            Some(minutes) => Ok(minutes),
            None => Err(faults.check().expect_err("a field that is missing left a fault")),
        }
    }
}

impl Reorder {
    pub(super) fn on_conflict(self) -> Result<OnConflict, Problem> {
        let mut faults = Faults::default();
        let on_conflict = faults.unless_null("on_conflict", self.on_conflict).unwrap_or_default();
        faults.check()?;
        Ok(on_conflict)
    }
}

impl ReorderedBody {
    pub(super) fn of(Reordered { lines, unavailable }: Reordered, language: Locale) -> Self {
        let message = match (lines.is_empty(), unavailable.is_empty()) {
            (_, true) => language.say("Siparişiniz sepetinizde.", "What you ordered is in your cart."),
            (false, false) => language.say("Bazı ürünler artık yok.", "Some of it can't be had any more."),
            (true, false) => language.say("Bu siparişin ürünleri artık yok.", "None of it can be had any more."),
        };
        Self { message, items: lines.into_iter().map(ItemBody::from).collect(), unavailable }
    }
}

/// The reason with its text, which `other` needs.
fn given(faults: &mut Faults, reason: Option<HumanReason>, text: Field<ReasonText>) -> Option<GivenReason> {
    let text = faults.unless_null("text", text);
    let HumanReason(reason) = reason?;
    if reason == Reason::Other && text.is_none() {
        faults.add("text", "REQUIRED", Text::new("Neden yazılmalıdır.", "Say why."));
    }
    Some(GivenReason { reason, text })
}
