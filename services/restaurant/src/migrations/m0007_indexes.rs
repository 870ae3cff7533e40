//! The restaurants at an address are read a few at a time, in the order of their ids. Lists come from the index in memory, so nothing
//! asks a database for the best ones any more.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What begins alike takes the place of the one that is dropped, also for the release before.
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        schema.create_index(at_address()).await?;
        for unused in ["restaurant_restaurant_by_address", "restaurant_restaurant_by_rating"] {
            schema.drop_index(Index::drop().name(unused).table("restaurant_restaurant").to_owned()).await?;
        }
        Ok(())
    }
}

fn at_address() -> IndexCreateStatement {
    Index::create()
        .name("restaurant_restaurant_at_address")
        .table("restaurant_restaurant")
        .col("address_id")
        .col("id")
        .take()
}
