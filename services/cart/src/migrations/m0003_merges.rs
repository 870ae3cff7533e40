//! Anonymous carts that went into those of users.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(merge()).await?;
        for index in [once(), of_user(), unsettled(), by_age()] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// What it took, the user's cart before and the answer are JSON, as each is only read whole.
fn merge() -> TableCreateStatement {
    Table::create()
        .table("cart_merge")
        .col(uuid("id").primary_key())
        .col(uuid("anonymous_cart_id"))
        .col(uuid("user_id"))
        .col(text("base_etag"))
        .col(text("base"))
        .col(text("before"))
        .col(text("etag"))
        .col(text("result"))
        .col(timestamp_with_time_zone("merged_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .take()
}

/// No state of a cart is merged twice; it also finds the merges of a cart.
fn once() -> IndexCreateStatement {
    index("cart_merge_once").unique().col("anonymous_cart_id").col("base_etag").take()
}

fn of_user() -> IndexCreateStatement {
    index("cart_merge_of_user").col("user_id").col("id").take()
}

fn unsettled() -> IndexCreateStatement {
    index("cart_merge_unsettled").col("id").and_where(Expr::col("settled_at").is_null()).take()
}

fn by_age() -> IndexCreateStatement {
    index("cart_merge_by_age").col("merged_at").take()
}

fn index(name: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("cart_merge").take()
}
