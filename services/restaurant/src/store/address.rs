//! `restaurant_address`: the addresses of restaurants as the address service has published them.

use contracts::geography::Coordinates;
use contracts::{AddressChanged, AddressDetails, AddressId, Role, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, QuerySelect};

/// An address that a restaurant has or may have.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_address")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: AddressId,
    /// That of the newest event; 0 where none has come.
    pub(crate) version: i64,
    created_by: Option<UserId>,
    created_as: Option<Role>,
    /// `None` where no event has come, or it was deleted.
    pub(crate) details: Option<AddressDetails>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Address;

impl Address {
    /// Where it is on earth, if that is known.
    pub(crate) fn coordinates(&self) -> Option<Coordinates> {
        let details = self.details.as_ref()?;
        Coordinates::new(details.latitude?, details.longitude?).ok()
    }

    /// Who has written it down, and as what; `None` where nothing is known of it any more or yet.
    pub(crate) fn written(&self) -> Option<(UserId, Role)> {
        self.details.as_ref().and(self.created_by.zip(self.created_as))
    }
}

impl From<AddressChanged> for Address {
    fn from(event: AddressChanged) -> Self {
        let AddressChanged { id, version, created_by, created_as, address, .. } = event;
        Self { id, version, created_by: Some(created_by), created_as: Some(created_as), details: address }
    }
}

/// The row of the address, made where there is none, and kept from others until the transaction ends. Whoever names an address,
/// and whoever hears of one, claims it first: one of the two sees what the other has done.
pub(crate) async fn claim(tx: &WriteTransaction, id: AddressId) -> Result<Address> {
    let unknown = Address { id, version: 0, created_by: None, created_as: None, details: None };
    let same = OnConflict::column(Column::Id).update_column(Column::Id).to_owned();
    Ok(Entity::insert(unknown.into_active_model()).on_conflict(same).exec_with_returning(tx).await?)
}

/// The address, as far as it is known. Whoever changes it now decides of its restaurants afterwards.
pub(crate) async fn find(database: &impl Connection, id: AddressId) -> Result<Option<Address>> {
    Ok(Entity::find().filter(Column::Id.eq(id)).one(database).await?)
}

/// Writes all that is known of the address.
pub(crate) async fn update(tx: &WriteTransaction, address: &Address) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..address.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(address.id)).exec(tx).await?;
    Ok(())
}

/// Up to `limit` addresses of which no event has come, behind `after` by their ids.
pub(crate) async fn list_unknown(tx: &WriteTransaction, after: AddressId, limit: u64) -> Result<Vec<AddressId>> {
    let behind = Entity::find().filter(is_unknown()).filter(Column::Id.gt(after)).order_by_asc(Column::Id);
    Ok(behind.limit(limit).select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// Deletes those of `ids` of which no event has come.
pub(crate) async fn delete_unknown(tx: &WriteTransaction, ids: Vec<AddressId>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).filter(is_unknown()).exec(tx).await?;
    Ok(())
}

/// As it stands in the index: a value beside the statement would not let a database know that they fit.
fn is_unknown() -> Expr {
    Expr::cust("version = 0")
}

/// Those of `ids` that are there.
pub(crate) async fn list(database: &impl Connection, ids: Vec<AddressId>) -> Result<Vec<Address>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(database).await?)
}
