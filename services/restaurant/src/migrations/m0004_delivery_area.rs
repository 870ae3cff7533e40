//! A polygon within which a restaurant delivers.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// The ring of the polygon as JSON.
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let area = Table::alter().table("restaurant_restaurant").add_column(text_null("delivery_area")).take();
        schema.alter_table(area).await
    }
}
