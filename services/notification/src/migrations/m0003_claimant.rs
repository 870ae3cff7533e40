//! Which process claimed a mail, so that others need not wait for the claims of one that is gone.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let claimant = Table::alter().table("notification_mail").add_column(uuid_null("claimed_by")).take();
        schema.alter_table(claimant).await?;
        schema.create_index(mail_by_claimant()).await
    }
}

/// As short as what is under way.
fn mail_by_claimant() -> IndexCreateStatement {
    Index::create()
        .name("notification_mail_by_claimant")
        .table("notification_mail")
        .col("claimed_by")
        .and_where(Expr::col("claimed_by").is_not_null())
        .take()
}
