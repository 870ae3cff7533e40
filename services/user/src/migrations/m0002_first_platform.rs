//! Copies profiles and favourites of the first platform, where its tables stand in this database, and leaves them alone.

use sea_orm_migration::prelude::*;

use crate::store::first_platform;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let connection = schema.get_connection();
        if first_platform::has_users(schema).await? {
            first_platform::copy_users(connection).await?;
        }
        for table in &first_platform::FAVORITES {
            if first_platform::has_favorites(schema, table).await? {
                first_platform::copy_favorites(connection, table, 0).await?;
            }
        }
        Ok(())
    }
}
