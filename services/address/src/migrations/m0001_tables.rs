//! Addresses, and which of the first platform's were copied, so that one which was deleted here does not return.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, double_null, text, text_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_table(address()).await?;
        schema.create_table(first_platform()).await?;
        for index in [by_owner(), default_of_owner(), unrecorded()] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn address() -> TableCreateStatement {
    Table::create()
        .table("address_address")
        .col(uuid("id").primary_key())
        .col(text("entity_type"))
        .col(uuid("entity_id"))
        .col(uuid("created_by"))
        .col(text("created_as"))
        .col(text("title"))
        .col(text("address"))
        .col(text("city"))
        .col(text("district"))
        .col(text("full_address"))
        .col(text("zip_code"))
        .col(text_null("apartment"))
        .col(text_null("floor"))
        .col(text_null("door_number"))
        .col(double_null("latitude"))
        .col(double_null("longitude"))
        .col(boolean("is_default"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn first_platform() -> TableCreateStatement {
    Table::create().table("address_first_platform").col(uuid("id").primary_key()).col(boolean("is_default")).take()
}

fn by_owner() -> IndexCreateStatement {
    index("address_address_by_owner").col("entity_type").col("entity_id").col("created_at").col("id").take()
}

/// An owner has one default at most.
fn default_of_owner() -> IndexCreateStatement {
    index("address_address_default")
        .unique()
        .col("entity_type")
        .col("entity_id")
        .and_where(Expr::col("is_default"))
        .take()
}

/// Those of which no event was recorded: short.
fn unrecorded() -> IndexCreateStatement {
    index("address_address_unrecorded").col("id").and_where(Expr::cust("version = 0")).take()
}

fn index(name: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("address_address").take()
}
