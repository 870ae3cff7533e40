//! Meals know their name as searches compare it, so that those by which a restaurant was found are read without all others.
//!
//! Who writes meals meanwhile in the release before leaves it out; a task adds what is missing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let name = text_null("search_name").take();
        schema.alter_table(Table::alter().table("restaurant_meal").add_column(name).take()).await?;
        schema.create_index(by_name()).await?;
        schema.create_index(missing()).await
    }
}

fn by_name() -> IndexCreateStatement {
    Index::create()
        .name("restaurant_meal_by_search_name")
        .table("restaurant_meal")
        .col("search_name")
        .col("restaurant_id")
        .and_where(Expr::cust("deleted_at IS NULL"))
        .take()
}

fn missing() -> IndexCreateStatement {
    Index::create()
        .name("restaurant_meal_without_search_name")
        .table("restaurant_meal")
        .col("search_name")
        .col("id")
        .and_where(Expr::cust("search_name IS NULL"))
        .take()
}
