//! How a restaurant takes orders.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use contracts::{Money, OrderTerms, PaymentMethod};
use kit::{Faults, Field, Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::model::{AnswerMinutes, OrderTermsChange, PaymentMethods, SlotCapacity, SlotMinutes, VatRate};
use crate::state::Restaurants;

use super::asked::{AskedId, Reader, SignedIn};

/// When orders are answered, how many there may be, and how they are paid.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderTerms)]
pub(super) struct OrderTermsBody {
    /// For how many minutes an order waits for an answer before it is rejected.
    answer_within_minutes: u16,
    /// How many minutes a slot is long, counted from the full hour.
    slot_minutes: u16,
    /// How many orders are due in one slot; any number when `null`.
    slot_capacity: Option<u16>,
    /// Whoever orders for so much pays nothing for the way; `null` where everybody pays.
    free_from: Option<Money>,
    payment_methods: Vec<PaymentMethod>,
    /// The tax within what the way costs, in hundredths of a percent.
    delivery_vat_bp: u16,
}

/// What changes in the terms; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateOrderTerms {
    /// For how many minutes an order waits for an answer before it is rejected.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 60, example = 10)]
    answer_within_minutes: Field<AnswerMinutes>,
    /// How many minutes a slot is long: as many as fit into an hour.
    #[serde(default)]
    #[schema(value_type = Option<u8>, minimum = 5, maximum = 60, example = 15)]
    slot_minutes: Field<SlotMinutes>,
    /// How many orders are due in one slot; any number when `null`.
    #[serde(default)]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 1000, example = 20)]
    slot_capacity: Field<SlotCapacity>,
    /// Whoever orders for so much pays nothing for the way; nobody when `null`.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 150)]
    free_from: Field<Money>,
    /// What it takes, at least one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<PaymentMethod>>, min_items = 1, max_items = 3)]
    payment_methods: Field<PaymentMethods>,
    /// The tax within what the way costs, in hundredths of a percent.
    #[serde(default)]
    #[schema(value_type = Option<u16>, minimum = 0, maximum = 10_000, example = 1000)]
    delivery_vat_bp: Field<VatRate>,
}

/// How a restaurant takes orders.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/order-terms",
    tag = "restaurant",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    responses(
        (status = 200, description = "Its terms", body = OrderTermsBody),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn find_order_terms(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
) -> Result<Answered<OrderTermsBody>, Problem> {
    let found = reader.found(actions::find_restaurant(&restaurants, id, reader.writer()).await)?;
    Ok(Answered(found.restaurant.terms().into()))
}

/// Changes the terms that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/restaurants/{id}/order-terms",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1)),
    request_body = UpdateOrderTerms,
    responses(
        (status = 200, description = "The terms as they are now", body = OrderTermsBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_order_terms(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedId(id): AskedId,
    Json(body): Json<UpdateOrderTerms>,
) -> Result<Answered<OrderTermsBody>, Problem> {
    let changed = actions::update_order_terms(&restaurants, writer, id, body.change()?).await?;
    Ok(Answered(changed.restaurant.terms().into()))
}

impl From<OrderTerms> for OrderTermsBody {
    fn from(terms: OrderTerms) -> Self {
        Self {
            answer_within_minutes: terms.answer_within_minutes,
            slot_minutes: terms.slot_minutes,
            slot_capacity: terms.slot_capacity,
            free_from: terms.free_from_kurus,
            payment_methods: terms.payment_methods,
            delivery_vat_bp: terms.delivery_vat_bp,
        }
    }
}

impl UpdateOrderTerms {
    /// What is to change, or every fault.
    fn change(self) -> Result<OrderTermsChange, Problem> {
        let mut faults = Faults::default();
        let change = OrderTermsChange {
            answer_within: faults.unless_null("answer_within_minutes", self.answer_within_minutes),
            slot_length: faults.unless_null("slot_minutes", self.slot_minutes),
            slot_capacity: faults.change("slot_capacity", self.slot_capacity),
            free_from: faults.change("free_from", self.free_from),
            payment_methods: faults.unless_null("payment_methods", self.payment_methods),
            delivery_vat: faults.unless_null("delivery_vat_bp", self.delivery_vat_bp),
        };
        faults.check()?;
        Ok(change)
    }
}
