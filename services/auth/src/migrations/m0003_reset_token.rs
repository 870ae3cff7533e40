//! Which reset token of an account opens something.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let reset_token = Table::alter().table("auth_account").add_column(text_null("reset_token")).take();
        schema.alter_table(reset_token).await
    }
}
