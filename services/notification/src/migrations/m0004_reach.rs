//! Indexes for what is asked now and then, so that no question reads the mails of thirty days.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for index in indexes() {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str| Index::create().name(name).table(table).take();
    vec![
        // As short as what is in doubt.
        index("notification_mail_in_doubt", "notification_mail")
            .col("ambiguities")
            .and_where(Expr::col("ambiguities").gt(0))
            .take(),
        // As short as what waits.
        index("notification_mail_waiting_by_age", "notification_mail")
            .col("recorded_at")
            .and_where(Expr::col("next_at").is_not_null())
            .take(),
        index("notification_mailbox_message_by_age", "notification_mailbox_message").col("received_at").take(),
    ]
}
