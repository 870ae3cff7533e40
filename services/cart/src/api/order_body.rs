//! Orders in the shapes of the first platform, with our fields behind.

use chrono::{DateTime, Utc};
use contracts::{
    AddressDetails, AddressId, Locale, MealId, Money, OrderActor, OrderId, OrderStatus, PaymentMethod, RestaurantId,
    UserId,
};
use kit::{BareTime, Claim, Faults, Field, FieldValue, FromField, Problem, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::actions::FullOrder;
use crate::error;
use crate::model::{
    Checkout, CheckoutItem, ChosenOption, CouponCode, Fulfilment, MOST_LINES, Note, Options, Quantity, Reason,
    ReasonText, SandboxToken, ScheduleDate,
};
use crate::store::order::{OrderEvent, OrderLine};

use super::payment_body::PaymentBody;

/// What is to be ordered.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Checkout)]
pub(super) struct CheckoutBody {
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    pub(super) user_id: Claim,
    /// What is ordered; what stands in the caller's cart when it is left out. Whose meals they are, the meals say.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CheckoutItemBody>>, max_items = 50)]
    items: Field<Items>,
    #[serde(default)]
    #[schema(required, value_type = PaymentMethod)]
    payment_method: Field<Word>,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "LEZZET10")]
    coupon_code: Field<Word>,
    /// The default one when it is left out; none where the caller has none.
    #[serde(default)]
    #[schema(value_type = Option<AddressId>)]
    address_id: Field<AddressId>,
    /// For when it is wanted; without a zone by the clocks of İstanbul. Left out, it is for when the lines of the cart say, if that is
    /// what is ordered; else as soon as it can be. A time is kept or refused, and never moved.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01-31T18:00:00+03:00")]
    schedule_date: Field<ScheduleDate>,
    #[serde(default)]
    #[schema(value_type = Option<Fulfilment>)]
    fulfilment: Field<Fulfilment>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Field<Note>,
    /// The card, for `credit_card`: a word of the sandbox, which says what becomes of it.
    #[serde(default)]
    #[schema(value_type = Option<PaymentToken>)]
    payment: Field<Card>,
    /// What the diner has seen in all: where it costs more by now, nothing is ordered.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0)]
    expected_total: Field<Money>,
}

/// The card that pays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PaymentToken {
    /// `ok` when it is left out; `declined`, `3ds_ok`, `3ds_fail`, `slow_ok`, `slow_lost`, `silent`, `late_ok`, `webhook_first`, `webhook_twice`,
    /// `capture_fails`, `refund_slow`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "ok")]
    token: Field<SandboxToken>,
}

/// The token in its object.
#[derive(Debug, Default)]
struct Card(SandboxToken);

/// A meal that is to be ordered.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CheckoutItem)]
pub(super) struct CheckoutItemBody {
    #[serde(default)]
    #[schema(required, value_type = MealId)]
    meal_id: Field<MealId>,
    #[serde(default)]
    #[schema(value_type = Option<i16>, minimum = 1, maximum = 99)]
    quantity: Field<Quantity>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    note: Field<Note>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<ChosenOption>>, max_items = 50)]
    options: Field<Options>,
    /// What the diner has seen for one, with its options: where it costs something else by now, `PRICE_CHANGED` names it. Where
    /// `expected_total` is left out, nothing is ordered if it costs more.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0, example = 35.5)]
    unit_price: Field<Money>,
}

/// Any text.
#[derive(Debug)]
struct Word(String);

/// What is ordered, in its order.
#[derive(Debug)]
struct Items(Vec<CheckoutItem>);

/// An order. The first fields are those that clients of the first platform read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(super) struct OrderBody {
    id: i64,
    user_id: UserId,
    restaurant_id: RestaurantId,
    items: Vec<OrderItemBody>,
    subtotal: Money,
    discount: Money,
    total: Money,
    payment_method: PaymentMethod,
    coupon_code: Option<String>,
    #[schema(value_type = String)]
    created_at: BareTime,
    message: String,
    /// Names the order everywhere but with the first platform.
    public_id: OrderId,
    /// For the telephone.
    #[schema(value_type = String, example = "7QF2")]
    code: String,
    status: OrderStatus,
    /// Raised by each change.
    version: i64,
    restaurant_name: String,
    fulfilment: Fulfilment,
    delivery_fee: Money,
    /// The tax within the total.
    vat: Money,
    lines: Vec<OrderLineBody>,
    /// Where to; `null` for who comes by, and where nothing was said.
    #[schema(value_type = Option<OrderAddress>)]
    address: Option<OrderAddress>,
    #[schema(value_type = String)]
    note: Note,
    /// For when it is wanted.
    target_at: DateTime<Utc>,
    /// Until when the restaurant has to answer.
    answer_by: DateTime<Utc>,
    /// What a card pays; `null` where none does.
    payment: Option<PaymentBody>,
    /// Why, where it was rejected or called off.
    reason: Option<Reason>,
    /// What a person has added to that.
    #[schema(value_type = Option<String>)]
    reason_text: Option<ReasonText>,
    /// What has become of it, from the first step on.
    timeline: Vec<OrderStepBody>,
}

/// A line, as the first platform answers it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderItem)]
pub(super) struct OrderItemBody {
    meal_id: MealId,
    quantity: i16,
    #[schema(value_type = String)]
    note: Note,
}

/// A line with its price.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub(super) struct OrderLineBody {
    meal_id: MealId,
    name: String,
    quantity: i16,
    #[schema(value_type = Vec<ChosenOption>)]
    options: Options,
    unit_price: Money,
    line_total: Money,
    /// Its part of what is given off.
    discount: Money,
    /// The tax within what is paid for it.
    vat: Money,
    #[schema(value_type = String)]
    note: Note,
}

/// Where an order goes to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderAddress {
    title: String,
    city: String,
    district: String,
    full_address: String,
    apartment: Option<String>,
    floor: Option<String>,
    door_number: Option<String>,
}

/// A step that an order has made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderStep)]
pub(super) struct OrderStepBody {
    status: OrderStatus,
    by: OrderActor,
    reason: Option<Reason>,
    #[schema(value_type = Option<String>)]
    reason_text: Option<ReasonText>,
    at: DateTime<Utc>,
}

impl FieldValue for Word {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self(raw))
    }
}

impl FromField for Card {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let PaymentToken { token } = faults.object(raw)?;
        Some(Self(faults.unless_null("token", token).unwrap_or_default()))
    }
}

impl FromField for Items {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        faults.rows(raw, MOST_LINES, |row, faults| faults.object::<CheckoutItemBody>(row)?.item(faults)).map(Self)
    }
}

impl CheckoutItemBody {
    fn item(self, faults: &mut Faults) -> Option<CheckoutItem> {
        let meal_id = faults.required("meal_id", self.meal_id);
        let quantity = faults.unless_null("quantity", self.quantity).unwrap_or_default();
        let note = faults.unless_null("note", self.note).unwrap_or_default();
        let options = faults.unless_null("options", self.options).unwrap_or_default();
        let expected_price = faults.unless_null("unit_price", self.unit_price);
        Some(CheckoutItem { meal_id: meal_id?, quantity: quantity.0, options, note, expected_price })
    }
}

impl CheckoutBody {
    /// What is to be ordered, or every fault. A payment method that there is none of is a 400, as with the first platform.
    pub(super) fn checkout(self, locale: Locale) -> Result<Checkout, Problem> {
        let mut faults = Faults::default();
        let items = faults.unless_null("items", self.items).map(|Items(items)| items);
        let method = faults.required("payment_method", self.payment_method);
        let coupon =
            faults.unless_null("coupon_code", self.coupon_code).and_then(|Word(code)| CouponCode::typed(&code));
        let address_id = faults.unless_null("address_id", self.address_id);
        let wanted_at = faults.unless_null("schedule_date", self.schedule_date).map(|ScheduleDate(at)| at);
        let fulfilment = faults.unless_null("fulfilment", self.fulfilment).unwrap_or_default();
        let note = faults.unless_null("note", self.note).unwrap_or_default();
        let Card(card) = faults.unless_null("payment", self.payment).unwrap_or_default();
        let expected_total = faults.unless_null("expected_total", self.expected_total);
        error::check(faults)?;
        let payment_method = method.map_or(String::new(), |Word(method)| method).parse().map_err(|_| {
            Problem::bad_request("INVALID_PAYMENT_METHOD", "Geçersiz ödeme yöntemi", "Invalid payment method")
        })?;
        Ok(Checkout {
            items,
            payment_method,
            coupon,
            address_id,
            wanted_at,
            fulfilment,
            note,
            expected_total,
            card,
            locale,
        })
    }
}

impl OrderBody {
    pub(super) fn of(FullOrder { order, lines, events, payment }: FullOrder, message: &str) -> Self {
        let item = |line: &OrderLine| OrderItemBody {
            meal_id: line.meal_id,
            quantity: line.quantity,
            note: line.note.clone(),
        };
        Self {
            id: order.id,
            user_id: order.user_id,
            restaurant_id: order.restaurant_id,
            items: lines.iter().map(item).collect(),
            subtotal: order.subtotal_kurus,
            discount: order.discount_kurus,
            total: order.total_kurus,
            payment_method: order.payment_method,
            coupon_code: order.coupon_code,
            created_at: BareTime(order.created_at),
            message: message.to_owned(),
            public_id: order.public_id,
            code: order.code.to_string(),
            status: order.status,
            version: order.version,
            restaurant_name: order.restaurant_name,
            fulfilment: order.fulfilment,
            delivery_fee: order.delivery_fee_kurus,
            vat: order.vat_kurus,
            lines: lines.into_iter().map(OrderLineBody::from).collect(),
            address: order.address.map(OrderAddress::from),
            note: order.note,
            target_at: order.target_at,
            answer_by: order.answer_by,
            payment: payment.map(PaymentBody::from),
            reason: order.reason,
            reason_text: order.reason_text,
            timeline: events.into_iter().map(OrderStepBody::from).collect(),
        }
    }
}

impl From<OrderLine> for OrderLineBody {
    fn from(line: OrderLine) -> Self {
        Self {
            meal_id: line.meal_id,
            name: line.name,
            quantity: line.quantity,
            options: line.options,
            unit_price: line.unit_price_kurus,
            line_total: line.total_kurus,
            discount: line.discount_kurus,
            vat: line.vat_kurus,
            note: line.note,
        }
    }
}

impl From<AddressDetails> for OrderAddress {
    fn from(address: AddressDetails) -> Self {
        let AddressDetails { title, city, district, full_address, apartment, floor, door_number, .. } = address;
        Self { title, city, district, full_address, apartment, floor, door_number }
    }
}

impl From<OrderEvent> for OrderStepBody {
    fn from(event: OrderEvent) -> Self {
        Self {
            status: event.status,
            by: event.actor,
            reason: event.reason,
            reason_text: event.reason_text,
            at: event.at,
        }
    }
}
