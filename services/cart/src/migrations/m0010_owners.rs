//! The restaurants of whoever runs them, found without all others.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let of_owner =
            Index::create().name("cart_restaurant_of_owner").table("cart_restaurant").col("owner_id").col("id").take();
        schema.create_index(of_owner).await
    }
}
