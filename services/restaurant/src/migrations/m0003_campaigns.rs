//! Campaigns, with what they give off, and the version of those of the platform.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, integer, integer_null, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [campaign(), platform()] {
            schema.create_table(table).await?;
        }
        for index in [of_restaurant(), by_end()] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// Without a restaurant it is the platform's. Without a `kind` nothing is given off. `value` is in hundredths: of a percent, or
/// of a lira.
fn campaign() -> TableCreateStatement {
    Table::create()
        .table("restaurant_campaign")
        .col(uuid("id").primary_key())
        .col(uuid_null("restaurant_id"))
        .col(text("title"))
        .col(text("description"))
        .col(timestamp_with_time_zone("start_date"))
        .col(timestamp_with_time_zone("end_date"))
        .col(text_null("code"))
        .col(text_null("kind"))
        .col(big_integer_null("value"))
        .col(big_integer_null("max_discount_kurus"))
        .col(big_integer_null("min_basket_kurus"))
        .col(integer_null("total_limit"))
        .col(integer_null("per_user_limit"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

/// What a restaurant has in its row, the platform has here.
fn platform() -> TableCreateStatement {
    Table::create().table("restaurant_platform").col(integer("id").primary_key()).col(big_integer("version")).take()
}

fn of_restaurant() -> IndexCreateStatement {
    index("restaurant_campaign_of_restaurant").col("restaurant_id").col("end_date").take()
}

fn by_end() -> IndexCreateStatement {
    index("restaurant_campaign_by_end").col("end_date").col("id").take()
}

fn index(name: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("restaurant_campaign").take()
}
