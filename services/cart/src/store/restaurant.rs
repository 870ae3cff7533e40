//! `cart_restaurant`: restaurants as their service has published them.

use contracts::{Catalog, RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{FromQueryResult, IntoActiveModel, NotSet, QueryOrder, QuerySelect};

use crate::model::RestaurantCopy;

/// A restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_restaurant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: RestaurantId,
    /// That of the newest event; 0 until the first one is kept.
    pub(crate) version: i64,
    /// The last one that was published.
    pub(crate) name: String,
    /// Who runs it, or has run it last; `None` where that was never heard.
    pub(crate) owner_id: Option<UserId>,
    /// `None` where it was deleted.
    pub(crate) catalog: Option<Catalog>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Restaurant;

impl From<Restaurant> for RestaurantCopy {
    fn from(Restaurant { name, owner_id, catalog, .. }: Restaurant) -> Self {
        Self::new(name, owner_id, catalog)
    }
}

/// The row of the restaurant, made where there is none, and kept from others until the transaction ends.
pub(crate) async fn claim(tx: &WriteTransaction, id: RestaurantId) -> Result<Restaurant> {
    let unknown = Restaurant { id, version: 0, name: String::new(), owner_id: None, catalog: None };
    let same = OnConflict::column(Column::Id).update_column(Column::Id).to_owned();
    Ok(Entity::insert(unknown.into_active_model()).on_conflict(same).exec_with_returning(tx).await?)
}

/// Writes all that is known of the restaurant.
pub(crate) async fn update(tx: &WriteTransaction, restaurant: Restaurant) -> Result<()> {
    let id = restaurant.id;
    let columns = ActiveModel { id: NotSet, ..restaurant.into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn find(database: &impl Connection, id: RestaurantId) -> Result<Option<Restaurant>> {
    Ok(Entity::find_by_id(id).one(database).await?)
}

/// A restaurant by its name.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct NamedRestaurant {
    pub(crate) id: RestaurantId,
    pub(crate) name: String,
}

/// Up to `limit` restaurants that the user runs, or has run until they were deleted, oldest first.
pub(crate) async fn list_of_owner(
    database: &impl Connection,
    owner_id: UserId,
    limit: u64,
) -> Result<Vec<NamedRestaurant>> {
    let own = Entity::find().filter(Column::OwnerId.eq(owner_id)).order_by_asc(Column::Id).limit(limit);
    let named = own.select_only().column(Column::Id).column(Column::Name);
    Ok(named.into_model().all(database).await?)
}

pub(crate) async fn find_version(database: &impl Connection, id: RestaurantId) -> Result<Option<i64>> {
    Ok(Entity::find_by_id(id).select_only().column(Column::Version).into_tuple().one(database).await?)
}
