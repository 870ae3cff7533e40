//! Campaigns and addresses as others publish them, orders, and what cards pay for them.

mod payments;

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, boolean, integer, small_integer, small_integer_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let of_orders = [meal(), campaign(), campaign_use(), address(), slot(), order(), order_line(), order_event()];
        for table in of_orders.into_iter().chain(payments::tables()) {
            schema.create_table(table).await?;
        }
        for index in indexes().into_iter().chain(payments::indexes()) {
            schema.create_index(index).await?;
        }
        let known =
            if schema.get_database_backend() == DbBackend::Postgres { MEALS_ON_POSTGRES } else { MEALS_ON_SQLITE };
        schema.get_connection().execute_unprepared(known).await?;
        schema.get_connection().execute_unprepared(HEAR_AGAIN).await?;
        Ok(())
    }
}

/// The meals of the restaurants that were heard of before there was such a table.
const MEALS_ON_POSTGRES: &str = "INSERT INTO cart_meal (meal_id, restaurant_id)
    SELECT (meal ->> 'id')::uuid, restaurant.id
    FROM cart_restaurant AS restaurant, jsonb_array_elements(restaurant.catalog::jsonb -> 'meals') AS meal
    WHERE restaurant.catalog IS NOT NULL
    ON CONFLICT DO NOTHING";
const MEALS_ON_SQLITE: &str = "INSERT OR IGNORE INTO cart_meal (meal_id, restaurant_id)
    SELECT unhex(replace(json_extract(meal.value, '$.id'), '-', '')), restaurant.id
    FROM cart_restaurant AS restaurant, json_each(restaurant.catalog, '$.meals') AS meal
    WHERE restaurant.catalog IS NOT NULL";

/// Of restaurants that were heard of before, campaigns were not kept: whoever publishes them once more is heard.
const HEAR_AGAIN: &str = "UPDATE cart_restaurant SET version = version - 1 WHERE version > 0";

/// Whose menu has a meal.
fn meal() -> TableCreateStatement {
    Table::create().table("cart_meal").col(uuid("meal_id").primary_key()).col(uuid("restaurant_id")).take()
}

/// What it gives off is JSON, as it is only read whole. One that its restaurant names no more stays, because orders were given
/// something off by it.
fn campaign() -> TableCreateStatement {
    Table::create()
        .table("cart_campaign")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(text_null("code"))
        .col(text("body"))
        .col(big_integer("used").default(0).check(Expr::col("used").gte(0)))
        .col(boolean("is_withdrawn"))
        .take()
}

/// Which order was given something off by which campaign, counted for each diner.
fn campaign_use() -> TableCreateStatement {
    Table::create()
        .table("cart_campaign_use")
        .col(uuid("campaign_id"))
        .col(uuid("user_id"))
        .col(integer("nth"))
        .col(big_integer("order_id"))
        .primary_key(Index::create().col("campaign_id").col("user_id").col("nth"))
        .take()
}

/// Its details are JSON, as they are only read whole; none where it was deleted.
fn address() -> TableCreateStatement {
    Table::create()
        .table("cart_address")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(big_integer("version"))
        .col(text_null("details"))
        .col(boolean("is_default"))
        .take()
}

/// How many orders are due in a slot.
fn slot() -> TableCreateStatement {
    Table::create()
        .table("cart_slot")
        .col(uuid("restaurant_id"))
        .col(timestamp_with_time_zone("begins_at"))
        .col(integer("taken").check(Expr::col("taken").gte(0)))
        .primary_key(Index::create().col("restaurant_id").col("begins_at"))
        .take()
}

/// The integer is the name that clients of the first platform know.
fn order() -> TableCreateStatement {
    Table::create()
        .table("cart_order")
        .col(big_pk_auto("id"))
        .col(uuid("public_id").unique_key())
        .col(text("code"))
        .col(uuid("user_id"))
        .col(uuid("restaurant_id"))
        .col(text("restaurant_name"))
        .col(text("status"))
        .col(big_integer("version"))
        .col(text("fulfilment"))
        .col(text("payment_method"))
        .col(big_integer("subtotal_kurus"))
        .col(big_integer("discount_kurus"))
        .col(big_integer("delivery_fee_kurus"))
        .col(big_integer("total_kurus"))
        .col(big_integer("vat_kurus"))
        .col(text_null("coupon_code"))
        .col(uuid_null("campaign_id"))
        .col(text_null("address"))
        .col(text("note"))
        .col(text("locale"))
        .col(boolean("is_asap"))
        .col(timestamp_with_time_zone("target_at"))
        .col(timestamp_with_time_zone_null("slot_at"))
        .col(small_integer_null("eta_minutes"))
        .col(timestamp_with_time_zone("answer_by"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(text_null("reason"))
        .col(text_null("reason_text"))
        .col(small_integer("delays").default(0))
        .col(big_integer_null("cart_version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("accepted_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(timestamp_with_time_zone("changed_at"))
        .take()
}

fn order_line() -> TableCreateStatement {
    Table::create()
        .table("cart_order_line")
        .col(big_integer("order_id"))
        .col(small_integer("position"))
        .col(uuid("meal_id"))
        .col(text("name"))
        .col(text("options"))
        .col(small_integer("quantity"))
        .col(big_integer("unit_price_kurus"))
        .col(big_integer("total_kurus"))
        .col(big_integer("discount_kurus"))
        .col(small_integer("vat_bp"))
        .col(big_integer("vat_kurus"))
        .col(text("note"))
        .primary_key(Index::create().col("order_id").col("position"))
        .take()
}

/// What has become of an order: it is only added to.
fn order_event() -> TableCreateStatement {
    Table::create()
        .table("cart_order_event")
        .col(big_integer("order_id"))
        .col(big_integer("version"))
        .col(text("status"))
        .col(text("actor"))
        .col(uuid_null("actor_id"))
        .col(text_null("reason"))
        .col(text_null("reason_text"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("order_id").col("version"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let of_order = |name: &str| Index::create().name(name).table("cart_order").to_owned();
    vec![
        Index::create().name("cart_campaign_by_restaurant").table("cart_campaign").col("restaurant_id").take(),
        Index::create().name("cart_campaign_by_code").table("cart_campaign").col("code").take(),
        Index::create().name("cart_campaign_use_by_order").table("cart_campaign_use").col("order_id").take(),
        Index::create()
            .name("cart_address_of_user")
            .table("cart_address")
            .col("user_id")
            .col("is_default")
            .and_where(Expr::col("details").is_not_null())
            .take(),
        Index::create().name("cart_slot_by_time").table("cart_slot").col("begins_at").take(),
        of_order("cart_order_of_user").col("user_id").col("id").take(),
        of_order("cart_order_of_restaurant").col("restaurant_id").col("id").take(),
        of_order("cart_order_open").col("restaurant_id").col("id").and_where(Expr::col("closed_at").is_null()).take(),
        of_order("cart_order_unpaid").col("user_id").and_where(Expr::col("status").eq("awaiting_payment")).take(),
        of_order("cart_order_due").col("due_at").and_where(Expr::col("due_at").is_not_null()).take(),
        of_order("cart_order_changed").col("changed_at").take(),
    ]
}
