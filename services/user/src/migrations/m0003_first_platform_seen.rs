//! How far the favourites of the first platform were copied, so that one which was taken back here does not return.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::store::first_platform::{self, FavoriteTable};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let seen = Table::create()
            .table("user_first_platform")
            .col(text("from_table").primary_key())
            .col(big_integer("last_id"))
            .take();
        schema.create_table(seen).await?;
        for table in &first_platform::FAVORITES {
            if first_platform::has_favorites(schema, table).await? {
                schema.get_connection().execute_unprepared(&remember(table)).await?;
            }
        }
        Ok(())
    }
}

/// The newest one that stands here: rows are copied in their order, so all before it were copied, too.
fn remember(FavoriteTable { kind, table, column }: &FavoriteTable) -> String {
    let kind = kind.as_str();
    format!(
        "INSERT INTO user_first_platform (from_table, last_id) \
         SELECT '{table}', COALESCE(max(theirs.id), 0) FROM {table} theirs JOIN user_favorite ours \
         ON ours.user_id::text = lower(theirs.user_id::text) AND ours.kind = '{kind}' AND ours.name = theirs.{column}::text"
    )
}
