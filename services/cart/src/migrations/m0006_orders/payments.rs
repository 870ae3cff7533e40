//! What cards pay, and the books of the sandbox.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, small_integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

pub(super) fn tables() -> [TableCreateStatement; 5] {
    let payment = Table::create()
        .table("cart_payment")
        .col(uuid("id").primary_key())
        .col(big_integer("order_id").unique_key())
        .col(text("provider"))
        .col(text("token"))
        .col(big_integer("amount_kurus"))
        .col(text("state"))
        .col(big_integer("captured_kurus").check(Expr::col("captured_kurus").gte(0)))
        .col(big_integer("refunding_kurus").check(Expr::col("refunding_kurus").gte(0)))
        .col(big_integer("refunded_kurus").check(Expr::col("refunded_kurus").gte(0)))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .take();
    let movement = Table::create()
        .table("cart_payment_movement")
        .col(uuid("id").primary_key())
        .col(uuid("payment_id"))
        .col(small_integer("nth"))
        .col(text("kind"))
        .col(big_integer("amount_kurus"))
        .col(text("state"))
        .col(small_integer("tries"))
        .col(timestamp_with_time_zone_null("next_at"))
        .col(uuid_null("claim"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(text_null("last_answer"))
        .col(timestamp_with_time_zone("created_at"))
        .index(Index::create().unique().name("cart_payment_movement_nth").col("payment_id").col("nth"))
        .take();
    let notice = Table::create()
        .table("cart_payment_notice")
        .col(text("provider"))
        .col(uuid("event_id"))
        .col(timestamp_with_time_zone("received_at"))
        .primary_key(Index::create().col("event_id").col("provider"))
        .take();
    let charge = Table::create()
        .table("cart_sandbox_charge")
        .col(uuid("payment_id").primary_key())
        .col(text("token"))
        .col(big_integer("amount_kurus"))
        .col(big_integer("captured_kurus"))
        .col(text("state"))
        .col(timestamp_with_time_zone("created_at"))
        .take();
    let refund = Table::create()
        .table("cart_sandbox_refund")
        .col(uuid("id").primary_key())
        .col(uuid("payment_id"))
        .col(big_integer("amount_kurus"))
        .take();
    [payment, movement, notice, charge, refund]
}

pub(super) fn indexes() -> [IndexCreateStatement; 3] {
    [
        Index::create()
            .name("cart_payment_movement_due")
            .table("cart_payment_movement")
            .col("next_at")
            .and_where(Expr::col("next_at").is_not_null())
            .take(),
        Index::create().name("cart_payment_notice_by_time").table("cart_payment_notice").col("received_at").take(),
        Index::create().name("cart_sandbox_refund_of_charge").table("cart_sandbox_refund").col("payment_id").take(),
    ]
}
