//! What is kept so that orders come to their end: who ran a restaurant that was deleted, and how often a step has failed that an order
//! makes by itself. And campaigns that stand are found without those that were withdrawn, of which there are ever more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{small_integer, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.alter_table(add("cart_restaurant", uuid_null("owner_id"))).await?;
        let is_on_postgres = schema.get_database_backend() == DbBackend::Postgres;
        let owners = if is_on_postgres { OWNERS_ON_POSTGRES } else { OWNERS_ON_SQLITE };
        schema.get_connection().execute_unprepared(owners).await?;
        schema.alter_table(add("cart_order", small_integer("due_attempts").default(0).take())).await?;
        for index in [
            unpaid(),
            late(),
            standing("cart_campaign_standing", "restaurant_id"),
            standing("cart_campaign_standing_code", "code"),
        ] {
            schema.create_index(index).await?;
        }
        Ok(())
    }
}

/// Who runs the restaurants that were heard of before. Of one that is deleted already nobody knows.
const OWNERS_ON_POSTGRES: &str =
    "UPDATE cart_restaurant SET owner_id = (catalog::jsonb ->> 'owner_id')::uuid WHERE catalog IS NOT NULL";
const OWNERS_ON_SQLITE: &str = "UPDATE cart_restaurant SET owner_id = unhex(replace(json_extract(catalog, '$.owner_id'), '-', '')) WHERE catalog IS NOT NULL";

/// Those that wait for a card are found by themselves: whether it has paid is asked of its provider, for which no other order waits.
fn unpaid() -> IndexCreateStatement {
    let unpaid = Expr::cust("status = 'awaiting_payment'");
    Index::create().name("cart_order_unpaid_due").table("cart_order").col("due_at").and_where(unpaid).take()
}

/// What the sandbox is to hold late: mostly nothing.
fn late() -> IndexCreateStatement {
    let index = Index::create().name("cart_sandbox_charge_late").table("cart_sandbox_charge").col("created_at").take();
    index.to_owned().and_where(Expr::cust("token = 'late_ok'")).and_where(Expr::cust("state = 'pending'")).take()
}

fn standing(name: &str, column: &'static str) -> IndexCreateStatement {
    Index::create().name(name).table("cart_campaign").col(column).and_where(Expr::cust("NOT is_withdrawn")).take()
}

fn add(table: &'static str, column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).take()
}
