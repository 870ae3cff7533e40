//! `restaurants` and `meals`: what the first platform's services keep, where that stands in this database. Nothing writes there.
//!
//! A copy is a draft without an event: the task that records events decides whether its address is known. What we would not take
//! is made to fit: a long text is cut, hours that make no sense are closed, and what is no phone, e-mail or picture is left out.

mod meals;
mod restaurants;
mod rows;

use database::ImportTransaction;
use kit::{FirstPlatform, Imported};
use sea_orm_migration::prelude::SchemaManager;

use rows::SHAPES;

pub(crate) use meals::{copy_meals, has_meals};
pub(crate) use restaurants::{copy_restaurants, has_restaurants};
pub(crate) use rows::Shapes;

/// The restaurants and meals of the first platform.
pub(crate) struct RestaurantsAndMeals;

impl FirstPlatform for RestaurantsAndMeals {
    async fn is_in(tx: &ImportTransaction) -> database::Result<bool> {
        let schema = SchemaManager::new(tx.connection());
        Ok(has_restaurants(&schema).await? || has_meals(&schema).await?)
    }

    async fn copy(tx: &ImportTransaction) -> database::Result<Vec<Imported>> {
        let schema = SchemaManager::new(tx.connection());
        let mut imported = Vec::new();
        if has_restaurants(&schema).await? {
            imported.push(copy_restaurants(tx.connection(), SHAPES).await?);
        }
        if has_meals(&schema).await? {
            imported.push(copy_meals(tx.connection(), SHAPES).await?);
        }
        Ok(imported)
    }
}
