//! An index for the security events that concern no account: among those of accounts, nobody finds them in time.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // As long as what strangers did in seven days.
        let of_nobody = Index::create()
            .name("auth_security_event_of_nobody")
            .table("auth_security_event")
            .col("id")
            .and_where(Expr::col("user_id").is_null())
            .and_where(Expr::col("network").is_not_null())
            .take();
        schema.create_index(of_nobody).await
    }
}
