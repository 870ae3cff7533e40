//! What is needed to undo a merge. Of merges by the release before nothing of it is known.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.alter_table(add(text_null("guest"))).await?;
        for instant in ["base_created_at", "undone_at", "returned_as", "returned_at"] {
            schema.alter_table(add(timestamp_with_time_zone_null(instant))).await?;
        }
        schema.create_index(unreturned()).await?;
        schema.create_table(absorbed()).await?;
        schema.create_index(absorbed_by()).await
    }
}

fn add(column: ColumnDef) -> TableAlterStatement {
    Table::alter().table("cart_merge").add_column(column).take()
}

/// Forgotten with its merge.
fn absorbed() -> TableCreateStatement {
    Table::create()
        .table("cart_absorbed")
        .col(uuid("anonymous_cart_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(uuid("merge_id"))
        .primary_key(Index::create().col("anonymous_cart_id").col("created_at"))
        .foreign_key(
            ForeignKey::create()
                .name("cart_absorbed_by_merge")
                .from("cart_absorbed", "merge_id")
                .to("cart_merge", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}

fn absorbed_by() -> IndexCreateStatement {
    Index::create().name("cart_absorbed_by").table("cart_absorbed").col("merge_id").take()
}

/// As short as what is under way.
fn unreturned() -> IndexCreateStatement {
    let (undone, unreturned) = (Expr::col("undone_at").is_not_null(), Expr::col("returned_at").is_null());
    let index = Index::create().name("cart_merge_unreturned").table("cart_merge").col("id").take();
    index.to_owned().and_where(undone).and_where(unreturned).take()
}
