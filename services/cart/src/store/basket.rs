//! `cart_basket`: whose cart it is, and of which restaurant.

use clock::Timestamp;
use contracts::{RestaurantId, UserId};
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

/// A cart without its lines. One that was emptied stays as it is, so that its version is never that of another cart.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_basket")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// That of all lines.
    pub(crate) restaurant_id: RestaurantId,
    /// Raised by each change of the cart or of a line.
    pub(crate) version: i64,
    pub(crate) updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Basket;

/// Begins a transaction that has the user's cart to itself.
pub(crate) async fn begin_write(database: &Database, user_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("cart {user_id}")).await
}

pub(crate) async fn find(database: &impl Connection, user_id: UserId) -> Result<Option<Basket>> {
    Ok(Entity::find_by_id(user_id).one(database).await?)
}

/// Writes all that the cart has. Its restaurant can change only while it has no lines.
pub(crate) async fn put(tx: &WriteTransaction, basket: Basket) -> Result<()> {
    let mut anew = OnConflict::column(Column::UserId);
    anew.update_columns([Column::RestaurantId, Column::Version, Column::UpdatedAt]);
    Entity::insert(basket.into_active_model()).on_conflict(anew).exec_without_returning(tx).await?;
    Ok(())
}
