//! In which order the merges of one user happened. Those of the release before, which can't be undone, count as the earliest.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let version = big_integer("cart_version").default(0).take();
        schema.alter_table(Table::alter().table("cart_merge").add_column(version).take()).await
    }
}
