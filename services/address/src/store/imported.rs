//! `address_first_platform`: which addresses of the first platform were copied. One that was deleted here stays listed, so that the
//! next import does not bring it back.

use contracts::AddressId;
use database::{Connection, Result};
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

/// An address that was copied.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address_first_platform")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: AddressId,
    /// Whether it was its owner's default there.
    is_default: bool,
}

impl ActiveModelBehavior for ActiveModel {}

/// Those of `ids` that were defaults there, oldest copy first.
pub(crate) async fn find_defaults(database: &impl Connection, ids: Vec<AddressId>) -> Result<Vec<AddressId>> {
    let defaults = Entity::find().filter(Column::Id.is_in(ids)).filter(Column::IsDefault.eq(true));
    Ok(defaults.select_only().column(Column::Id).into_tuple().all(database).await?)
}
