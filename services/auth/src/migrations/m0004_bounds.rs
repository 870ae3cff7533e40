//! Indexes for what is asked of tables that grow, so that no question reads all that users left behind.

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
        index("auth_session_by_device", "auth_session").col("user_id").col("device_id").take(),
        // As long as the sessions that are alive, whatever a user left behind.
        index("auth_session_alive", "auth_session")
            .col("user_id")
            .col("id")
            .and_where(Expr::col("revoked_at").is_null())
            .take(),
        // Empty but on a laptop.
        index("auth_account_demo", "auth_account").col("id").and_where(Expr::col("is_demo")).take(),
        // Empties while imported accounts sign in.
        index("auth_account_imported", "auth_account")
            .col("id")
            .and_where(Expr::cust("password_hash LIKE '$2%'"))
            .take(),
    ]
}
