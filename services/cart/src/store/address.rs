//! `cart_address`: where diners live, as the address service has published it.

use contracts::{AddressDetails, AddressId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

/// An address of a diner.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_address")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AddressId,
    pub(crate) user_id: UserId,
    pub(crate) version: i64,
    /// `None` where it was deleted.
    pub(crate) details: Option<AddressDetails>,
    pub(crate) is_default: bool,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Address;

/// Keeps `address`, unless a newer state is known.
pub(crate) async fn put(tx: &WriteTransaction, address: Address) -> Result<()> {
    let newer = OnConflict::column(Column::Id)
        .update_columns([Column::UserId, Column::Version, Column::Details, Column::IsDefault])
        .action_and_where(Expr::col((Entity, Column::Version)).lt(address.version))
        .to_owned();
    Entity::insert(address.into_active_model()).on_conflict(newer).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether anything was heard of the address.
pub(crate) async fn is_known(database: &impl Connection, id: AddressId) -> Result<bool> {
    Ok(Entity::find_by_id(id).one(database).await?.is_some())
}

/// The address, if it is the user's and was not deleted.
pub(crate) async fn find(database: &impl Connection, id: AddressId, user_id: UserId) -> Result<Option<AddressDetails>> {
    let own = Entity::find_by_id(id).filter(Column::UserId.eq(user_id));
    Ok(own.one(database).await?.and_then(|address| address.details))
}

/// Up to `limit` of the user's: the one that is used unless another is named first, then the newest.
pub(crate) async fn list(database: &impl Connection, user_id: UserId, limit: u64) -> Result<Vec<Address>> {
    let own = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::Details.is_not_null());
    let sorted = own.order_by_desc(Column::IsDefault).order_by_desc(Column::Id);
    Ok(sorted.limit(limit).all(database).await?)
}

/// The one of the user's that is used unless another is named. Of two, for a moment, the one that became it last.
pub(crate) async fn find_default(database: &impl Connection, user_id: UserId) -> Result<Option<AddressDetails>> {
    let own = Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::Details.is_not_null());
    let default = own.filter(Column::IsDefault.eq(true)).order_by_desc(Column::Version).one(database).await?;
    Ok(default.and_then(|address| address.details))
}
