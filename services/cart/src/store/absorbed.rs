//! `cart_absorbed`: anonymous carts that were there when an undone merge gave something back, and went into the cart that has it.

use clock::Timestamp;
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use crate::model::MergeId;
use crate::model::anonymous::CartId;

/// A cart that is part of another one, or is about to be.
#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_absorbed")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) anonymous_cart_id: CartId,
    /// That of the cart, which parts it from all others at its key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) created_at: Timestamp,
    /// Whose undoing it is; with the merge it is forgotten.
    pub(crate) merge_id: MergeId,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as AbsorbedCart;

/// Writes it down, unless it stands there.
pub(crate) async fn insert(tx: &WriteTransaction, absorbed: AbsorbedCart) -> Result<()> {
    let same = OnConflict::columns([Column::AnonymousCartId, Column::CreatedAt]).do_nothing().to_owned();
    Entity::insert(absorbed.into_active_model()).on_conflict(same).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether the cart that was created then is part of another one.
pub(crate) async fn is_absorbed(database: &impl Connection, cart_id: CartId, created_at: Timestamp) -> Result<bool> {
    Ok(Entity::find_by_id((cart_id, created_at)).one(database).await?.is_some())
}
