//! Addresses that a restaurant named and of which no event has come.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let unknown = Index::create()
            .name("restaurant_address_unknown")
            .table("restaurant_address")
            .col("id")
            .and_where(Expr::cust("version = 0"))
            .take();
        schema.create_index(unknown).await
    }
}
