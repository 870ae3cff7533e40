//! The orders that are shown to those who watch them, found without their history.

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

fn indexes() -> [IndexCreateStatement; 3] {
    let of_order = |name: &str| Index::create().name(name).table("cart_order").to_owned();
    let is_closed = || Expr::col("closed_at").is_not_null();
    [
        of_order("cart_order_open_of_user").col("user_id").col("id").and_where(Expr::col("closed_at").is_null()).take(),
        of_order("cart_order_closed_of_user").col("user_id").col("closed_at").and_where(is_closed()).take(),
        of_order("cart_order_closed_of_restaurant").col("restaurant_id").col("closed_at").and_where(is_closed()).take(),
    ]
}
