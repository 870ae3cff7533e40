//! How a restaurant takes orders, as JSON; the usual terms where nobody has said anything. And how many in a row it has not answered.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, text_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let terms = Table::alter().table("restaurant_restaurant").add_column(text_null("order_terms")).take();
        schema.alter_table(terms).await?;
        let unanswered = Table::create()
            .table("restaurant_unanswered")
            .col(uuid("restaurant_id").primary_key())
            .col(integer("orders"))
            .take();
        schema.create_table(unanswered).await
    }
}
