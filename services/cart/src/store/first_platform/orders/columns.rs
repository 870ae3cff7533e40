//! What is filled in our tables.

use contracts::{Locale, Money, OrderActor, OrderStatus};
use database::import::Shape;
use sea_orm_migration::sea_orm::Value;
use sea_orm_migration::sea_orm::prelude::Uuid;

use crate::model::{Fulfilment, Note, Options, OrderCode};

use super::rows::{CopiedLine, CopiedOrder, UNIT_PRICE_KURUS};

/// What is filled in our tables.
pub(crate) const ORDER_SHAPES: OrderShapes = OrderShapes {
    order: Shape {
        table: "cart_order",
        columns: &[
            "id",
            "public_id",
            "code",
            "user_id",
            "restaurant_id",
            "restaurant_name",
            "status",
            "version",
            "fulfilment",
            "payment_method",
            "subtotal_kurus",
            "discount_kurus",
            "delivery_fee_kurus",
            "total_kurus",
            "vat_kurus",
            "coupon_code",
            "note",
            "locale",
            "is_asap",
            "target_at",
            "answer_by",
            "created_at",
            "closed_at",
            "changed_at",
        ],
    },
    line: Shape {
        table: "cart_order_line",
        columns: &[
            "order_id",
            "position",
            "meal_id",
            "name",
            "options",
            "quantity",
            "unit_price_kurus",
            "total_kurus",
            "discount_kurus",
            "vat_bp",
            "vat_kurus",
            "note",
        ],
    },
    event: Shape { table: "cart_order_event", columns: &["order_id", "version", "status", "actor", "actor_id", "at"] },
};

/// What is filled in our tables at one time.
#[derive(Clone, Copy)]
pub(crate) struct OrderShapes {
    pub(crate) order: Shape,
    pub(crate) line: Shape,
    pub(crate) event: Shape,
}

/// An order that nobody waits for.
pub(super) fn order_columns(id: i64, order: &CopiedOrder) -> [(&'static str, Value); 24] {
    let (of_uuid, ..) = order.public_id.0.as_fields();
    [
        ("id", id.into()),
        ("public_id", order.public_id.into()),
        ("code", OrderCode::random(of_uuid.to_be_bytes()).into()),
        ("user_id", order.user_id.into()),
        ("restaurant_id", order.restaurant_id.into()),
        ("restaurant_name", "".into()),
        ("status", OrderStatus::Delivered.into()),
        ("version", 2_i64.into()),
        ("fulfilment", Fulfilment::Delivery.into()),
        ("payment_method", order.payment_method.into()),
        ("subtotal_kurus", order.subtotal.into()),
        ("discount_kurus", order.discount.into()),
        ("delivery_fee_kurus", Money::ZERO.into()),
        ("total_kurus", order.total.into()),
        ("vat_kurus", Money::ZERO.into()),
        ("coupon_code", order.coupon_code.clone().into()),
        ("note", Note::default().into()),
        ("locale", Locale::default().into()),
        ("is_asap", true.into()),
        ("target_at", order.created_at.into()),
        ("answer_by", order.created_at.into()),
        ("created_at", order.created_at.into()),
        ("closed_at", order.created_at.into()),
        ("changed_at", order.created_at.into()),
    ]
}

pub(super) fn line_columns(order_id: i64, position: i16, line: &CopiedLine) -> [(&'static str, Value); 12] {
    [
        ("order_id", order_id.into()),
        ("position", position.into()),
        ("meal_id", line.meal_id.into()),
        ("name", "".into()),
        ("options", Options::default().into()),
        ("quantity", line.quantity.into()),
        ("unit_price_kurus", UNIT_PRICE_KURUS.into()),
        ("total_kurus", line.total.into()),
        ("discount_kurus", line.discount.into()),
        ("vat_bp", 0_i16.into()),
        ("vat_kurus", Money::ZERO.into()),
        ("note", line.note.clone().into()),
    ]
}

/// Its diner has placed it, and nobody but the platform says that it was delivered.
pub(super) fn event_columns(order_id: i64, order: &CopiedOrder) -> [[(&'static str, Value); 6]; 2] {
    let event = |version: i64, status: OrderStatus, actor: OrderActor, actor_id: Option<Uuid>| {
        [
            ("order_id", order_id.into()),
            ("version", version.into()),
            ("status", status.into()),
            ("actor", actor.into()),
            ("actor_id", actor_id.into()),
            ("at", order.created_at.into()),
        ]
    };
    [
        event(1, OrderStatus::Placed, OrderActor::Diner, Some(order.user_id.0)),
        event(2, OrderStatus::Delivered, OrderActor::System, None),
    ]
}
