//! How a restaurant takes orders, as JSON; the usual terms where nobody has said anything.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let terms = Table::alter().table("restaurant_restaurant").add_column(text_null("order_terms")).take();
        schema.alter_table(terms).await
    }
}
