//! What is kept so that orders come to their end: who ran a restaurant that was deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::uuid_null;
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
        Ok(())
    }
}

/// Who runs the restaurants that were heard of before. Of one that is deleted already nobody knows.
const OWNERS_ON_POSTGRES: &str =
    "UPDATE cart_restaurant SET owner_id = (catalog::jsonb ->> 'owner_id')::uuid WHERE catalog IS NOT NULL";
const OWNERS_ON_SQLITE: &str = "UPDATE cart_restaurant SET owner_id = unhex(replace(json_extract(catalog, '$.owner_id'), '-', '')) WHERE catalog IS NOT NULL";

fn add(table: &'static str, column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).take()
}
