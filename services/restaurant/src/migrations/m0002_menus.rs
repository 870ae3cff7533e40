//! Menus: meals in categories, what may be chosen with them, and when they are served.
//!
//! Everything bears its restaurant's id, so that a whole menu is one query a table.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, integer_null, small_integer, small_integer_null, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [category(), mealtime(), meal(), complement(), option_group(), meal_group(), option()] {
            schema.create_table(table).await?;
        }
        let of_restaurant = [
            index("restaurant_category").col("position").col("id").take(),
            index("restaurant_mealtime").col("id").take(),
            index("restaurant_meal").col("position").col("id").and_where(Expr::cust("deleted_at IS NULL")).take(),
            index("restaurant_meal_complement").col("meal_id").take(),
            index("restaurant_option_group").col("position").col("id").take(),
            index("restaurant_meal_group").col("meal_id").take(),
            index("restaurant_option").col("group_id").take(),
        ];
        for index in of_restaurant {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn category() -> TableCreateStatement {
    Table::create()
        .table("restaurant_category")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(text("name"))
        .col(small_integer("position"))
        .take()
}

/// Its hours on each day of the week, by the clocks of the restaurant, as JSON.
fn mealtime() -> TableCreateStatement {
    Table::create()
        .table("restaurant_mealtime")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(text("name"))
        .col(text("hours"))
        .take()
}

/// Allergens have a bit each; `NULL` where nothing is known of them.
fn meal() -> TableCreateStatement {
    Table::create()
        .table("restaurant_meal")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(uuid_null("category_id"))
        .col(uuid_null("mealtime_id"))
        .col(text("name"))
        .col(text_null("description"))
        .col(text_null("cuisine"))
        .col(big_integer("price_kurus"))
        .col(text_null("image_url"))
        .col(boolean("is_available"))
        .col(timestamp_with_time_zone_null("sold_out_until"))
        .col(integer_null("allergens"))
        .col(boolean("contains_alcohol"))
        .col(boolean("contains_pork"))
        .col(small_integer("position"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .take()
}

/// What goes well with a meal.
fn complement() -> TableCreateStatement {
    Table::create()
        .table("restaurant_meal_complement")
        .col(uuid("meal_id"))
        .col(uuid("other_id"))
        .col(uuid("restaurant_id"))
        .col(small_integer("position"))
        .primary_key(Index::create().col("meal_id").col("other_id"))
        .take()
}

/// Without `max_choices` there is no limit.
fn option_group() -> TableCreateStatement {
    Table::create()
        .table("restaurant_option_group")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(text("name"))
        .col(small_integer("min_choices"))
        .col(small_integer_null("max_choices"))
        .col(small_integer("position"))
        .take()
}

fn meal_group() -> TableCreateStatement {
    Table::create()
        .table("restaurant_meal_group")
        .col(uuid("meal_id"))
        .col(uuid("group_id"))
        .col(uuid("restaurant_id"))
        .col(small_integer("position"))
        .primary_key(Index::create().col("meal_id").col("group_id"))
        .take()
}

fn option() -> TableCreateStatement {
    Table::create()
        .table("restaurant_option")
        .col(uuid("id").primary_key())
        .col(uuid("restaurant_id"))
        .col(uuid("group_id"))
        .col(text("name"))
        .col(big_integer("price_kurus"))
        .col(small_integer("max_quantity"))
        .col(boolean("is_available"))
        .col(small_integer("position"))
        .take()
}

/// Those of a restaurant, which begins it.
fn index(table: &'static str) -> IndexCreateStatement {
    Index::create().name(format!("{table}_of_restaurant")).table(table).col("restaurant_id").take()
}
