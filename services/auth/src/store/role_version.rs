//! `auth_role_version`: one row with another value after each change of a role, so that whoever finds it unchanged knows that
//! every role is as it was.

use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

/// The only row.
const ID: i16 = 1;

/// The version that stands.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_role_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i16,
    /// Random: a database that comes back older never comes to a version that it had before.
    version: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

/// The version that stands; nil before the first change.
pub(crate) async fn find(database: &impl Connection) -> Result<Uuid> {
    let row = Entity::find_by_id(ID).one(database).await?;
    Ok(row.map_or(Uuid::nil(), |row| row.version))
}

/// Puts another version in its place.
pub(crate) async fn advance(tx: &WriteTransaction) -> Result<()> {
    let row = Model { id: ID, version: tx.sources().uuid() };
    let change = OnConflict::column(Column::Id).update_column(Column::Version).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(change).exec_without_returning(tx).await?;
    Ok(())
}
