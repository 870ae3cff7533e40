//! Which version of everybody's roles stands.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{small_integer, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let role_version = Table::create()
            .table("auth_role_version")
            .col(small_integer("id").primary_key())
            .col(uuid("version"))
            .take();
        schema.create_table(role_version).await
    }
}
