//! `restaurant_platform`: the version of what is the platform's own.

use database::{Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};

/// The one row.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_platform")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i32,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

const ROW: i32 = 1;

/// Raises the version and answers it; others that change what is the platform's wait until the transaction ends.
pub(crate) async fn begin_version(tx: &WriteTransaction) -> Result<i64> {
    let next = Expr::col((Entity, Column::Version)).add(1_i64);
    let raised = OnConflict::column(Column::Id).value(Column::Version, next).to_owned();
    let first = Model { id: ROW, version: 1 }.into_active_model();
    Ok(Entity::insert(first).on_conflict(raised).exec_with_returning(tx).await?.version)
}

/// The version; `None` where nothing was ever the platform's own.
pub(crate) async fn find_version(tx: &WriteTransaction) -> Result<Option<i64>> {
    Ok(Entity::find_by_id(ROW).one(tx).await?.map(|row| row.version))
}
