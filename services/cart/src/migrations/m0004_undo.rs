//! What is needed to undo a merge. Of merges by the release before nothing of it is known.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, timestamp_with_time_zone_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.alter_table(add(text_null("guest"))).await?;
        for instant in ["base_created_at", "undone_at", "returned_as", "returned_at"] {
            schema.alter_table(add(timestamp_with_time_zone_null(instant))).await?;
        }
        schema.create_index(unreturned()).await
    }
}

fn add(column: ColumnDef) -> TableAlterStatement {
    Table::alter().table("cart_merge").add_column(column).take()
}

/// As short as what is under way.
fn unreturned() -> IndexCreateStatement {
    let (undone, unreturned) = (Expr::col("undone_at").is_not_null(), Expr::col("returned_at").is_null());
    let index = Index::create().name("cart_merge_unreturned").table("cart_merge").col("id").take();
    index.to_owned().and_where(undone).and_where(unreturned).take()
}
