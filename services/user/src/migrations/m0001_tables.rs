//! Accounts as auth published them, profiles, preferences and favourites.
//!
//! Each table has one writer and none refers to another: a user may complete a profile before the event that makes the
//! account has arrived.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_pk_auto, boolean_null, date, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in [account(), profile(), preferences(), favorite()] {
            schema.create_table(table).await?;
        }
        for index in [favorite_by_user(), favorite_by_name()] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn account() -> TableCreateStatement {
    Table::create()
        .table("user_account")
        .col(uuid("id").primary_key())
        .col(text_null("email"))
        .col(text("locale"))
        .col(timestamp_with_time_zone("created_at"))
        .take()
}

fn profile() -> TableCreateStatement {
    Table::create()
        .table("user_profile")
        .col(uuid("user_id").primary_key())
        .col(text("full_name"))
        .col(date("born_date"))
        .col(text("gender"))
        .col(text("phone"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn preferences() -> TableCreateStatement {
    Table::create()
        .table("user_preferences")
        .col(uuid("user_id").primary_key())
        .col(text_null("locale"))
        .col(boolean_null("commercial_granted"))
        .col(timestamp_with_time_zone_null("commercial_at"))
        .col(text_null("commercial_text_version"))
        .take()
}

fn favorite() -> TableCreateStatement {
    Table::create()
        .table("user_favorite")
        .col(big_pk_auto("id"))
        .col(uuid("user_id"))
        .col(text("kind"))
        .col(text("name"))
        .take()
}

/// A user follows a thing once.
fn favorite_by_user() -> IndexCreateStatement {
    Index::create()
        .name("user_favorite_by_user")
        .table("user_favorite")
        .unique()
        .col("user_id")
        .col("kind")
        .col("name")
        .take()
}

/// Finds who follows a restaurant or a cuisine.
fn favorite_by_name() -> IndexCreateStatement {
    Index::create().name("user_favorite_by_name").table("user_favorite").col("kind").col("name").take()
}
