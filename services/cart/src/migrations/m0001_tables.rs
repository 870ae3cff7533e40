//! Copies of what others publish, and the carts of users.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_pk_auto, small_integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [restaurant(), removed_meal(), contact(), basket(), line()] {
            schema.create_table(table).await?;
        }
        schema.create_index(line_once()).await
    }
}

/// Its catalog is JSON, as it is only read whole; none where it was deleted. The name is its last.
fn restaurant() -> TableCreateStatement {
    Table::create()
        .table("cart_restaurant")
        .col(uuid("id").primary_key())
        .col(big_integer("version"))
        .col(text("name"))
        .col(text_null("catalog"))
        .take()
}

/// What a menu has no more, so that a cart can say what it was.
fn removed_meal() -> TableCreateStatement {
    Table::create()
        .table("cart_removed_meal")
        .col(uuid("restaurant_id"))
        .col(uuid("meal_id"))
        .col(text("name"))
        .col(timestamp_with_time_zone("removed_at"))
        .primary_key(Index::create().col("restaurant_id").col("meal_id"))
        .take()
}

fn contact() -> TableCreateStatement {
    Table::create()
        .table("cart_contact")
        .col(uuid("user_id").primary_key())
        .col(text_null("email"))
        .col(text("locale"))
        .take()
}

/// The restaurant of a cart that was emptied stays until another is wanted, and its version counts on.
fn basket() -> TableCreateStatement {
    Table::create()
        .table("cart_basket")
        .col(uuid("user_id").primary_key())
        .col(uuid("restaurant_id"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("updated_at"))
        .index(Index::create().name("cart_basket_restaurant").unique().col("user_id").col("restaurant_id"))
        .take()
}

/// By the reference to both columns all lines of a cart are of its one restaurant.
fn line() -> TableCreateStatement {
    Table::create()
        .table("cart_line")
        .col(big_pk_auto("id"))
        .col(uuid("user_id"))
        .col(uuid("restaurant_id"))
        .col(uuid("meal_id"))
        .col(small_integer("quantity").check(Expr::col("quantity").between(1, 99)))
        .col(text("options"))
        .col(text("options_key"))
        .col(text("note"))
        .col(timestamp_with_time_zone_null("schedule_date"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(
            ForeignKey::create()
                .name("cart_line_of_basket")
                .from("cart_line", ("user_id", "restaurant_id"))
                .to("cart_basket", ("user_id", "restaurant_id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}

/// A meal with the same options is one line; it also finds the lines of a cart.
fn line_once() -> IndexCreateStatement {
    Index::create()
        .name("cart_line_once")
        .table("cart_line")
        .unique()
        .col("user_id")
        .col("meal_id")
        .col("options_key")
        .take()
}
