//! Restaurants with their cuisines, and copies of the addresses of restaurants.
//!
//! None refers to another: a restaurant may name an address before its event has arrived.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, integer_null, small_integer, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [restaurant(), cuisine(), address()] {
            schema.create_table(table).await?;
        }
        for index in [by_owner(), by_address(), by_rating(), touched(), versions(), by_cuisine()] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn restaurant() -> TableCreateStatement {
    Table::create()
        .table("restaurant_restaurant")
        .col(uuid("id").primary_key())
        .col(uuid("owner_id"))
        .col(text("name"))
        .col(text_null("description"))
        .col(text_null("logo"))
        .col(text_null("phone_number"))
        .col(text_null("email"))
        .col(text("status"))
        .col(uuid("address_id"))
        .col(text_null("draft_reason"))
        .col(text("time_zone"))
        .col(text("opening_hours"))
        .col(text("special_days"))
        .col(text("closures"))
        .col(small_integer("last_order_min"))
        .col(timestamp_with_time_zone_null("paused_until"))
        .col(small_integer("prep_time"))
        .col(integer("rating_avg"))
        .col(integer("rating_count"))
        .col(big_integer("delivery_fee_kurus"))
        .col(big_integer("min_order_kurus"))
        .col(integer_null("delivery_radius_m"))
        .col(big_integer("version"))
        .col(big_integer("search_version"))
        .col(timestamp_with_time_zone("touched_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .take()
}

/// In the order of `position`.
fn cuisine() -> TableCreateStatement {
    Table::create()
        .table("restaurant_cuisine")
        .col(uuid("restaurant_id"))
        .col(text("cuisine_key"))
        .col(text("name"))
        .col(small_integer("position"))
        .primary_key(Index::create().col("restaurant_id").col("cuisine_key"))
        .take()
}

/// Version 0 is an address that a restaurant names and of which no event has come; one without details was deleted.
fn address() -> TableCreateStatement {
    Table::create()
        .table("restaurant_address")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(uuid_null("created_by"))
        .col(text_null("created_as"))
        .col(text_null("details"))
        .take()
}

fn by_owner() -> IndexCreateStatement {
    index("restaurant_restaurant_by_owner").col("owner_id").col("id").take()
}

fn by_address() -> IndexCreateStatement {
    index("restaurant_restaurant_by_address").col("address_id").take()
}

/// Those that everybody sees, the best first when it is read from its end.
fn by_rating() -> IndexCreateStatement {
    index("restaurant_restaurant_by_rating")
        .col("rating_avg")
        .col("created_at")
        .col("id")
        .and_where(Expr::cust("draft_reason IS NULL"))
        .and_where(Expr::cust("deleted_at IS NULL"))
        .take()
}

/// What has changed lately, for whoever follows.
fn touched() -> IndexCreateStatement {
    index("restaurant_restaurant_touched").col("touched_at").col("id").col("search_version").take()
}

/// All versions, for whoever compares them with what they know; the rows themselves are long.
fn versions() -> IndexCreateStatement {
    index("restaurant_restaurant_versions").col("id").col("search_version").take()
}

fn by_cuisine() -> IndexCreateStatement {
    Index::create().name("restaurant_cuisine_by_key").table("restaurant_cuisine").col("cuisine_key").take()
}

fn index(name: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("restaurant_restaurant").take()
}
