//! `user_restaurant` and `user_restaurant_cuisine`: restaurants as their service has published them, and which cook what.

use std::collections::BTreeSet;

use contracts::RestaurantId;
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, NotSet, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::model::Subject;

contracts::json_column!(Cuisines);
contracts::text_column!(Subject);

/// What a restaurant cooks, by the names that it gives itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cuisines(pub(crate) Vec<String>);

/// A restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_restaurant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: RestaurantId,
    /// That of the newest event; 0 until the first one is kept.
    pub(crate) version: i64,
    /// The last one that was published.
    pub(crate) name: String,
    pub(crate) cuisines: Cuisines,
    pub(crate) is_deleted: bool,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Restaurant;

/// That a restaurant cooks something.
mod cuisine {
    use contracts::RestaurantId;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_restaurant_cuisine")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) subject: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) restaurant_id: RestaurantId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The row of the restaurant, made where there is none, and kept from others until the transaction ends.
pub(crate) async fn claim(tx: &WriteTransaction, id: RestaurantId) -> Result<Restaurant> {
    let unknown = Restaurant { id, version: 0, name: String::new(), cuisines: Cuisines::default(), is_deleted: false };
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

/// Those of these restaurants that are known.
pub(crate) async fn list(database: &impl Connection, ids: Vec<RestaurantId>) -> Result<Vec<Restaurant>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(database).await?)
}

/// Says by what the restaurant is found as one that cooks it.
pub(crate) async fn replace_cuisines(tx: &WriteTransaction, id: RestaurantId, subjects: Vec<Subject>) -> Result<()> {
    cuisine::Entity::delete_many().filter(cuisine::Column::RestaurantId.eq(id)).exec(tx).await?;
    let rows = subjects
        .into_iter()
        .map(|subject| cuisine::Model { subject: subject.as_str().to_owned(), restaurant_id: id }.into_active_model());
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        cuisine::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Those of these restaurants that are known and were not deleted.
pub(crate) async fn list_standing(
    database: &impl Connection,
    ids: Vec<RestaurantId>,
) -> Result<BTreeSet<RestaurantId>> {
    let standing = Entity::find().filter(Column::Id.is_in(ids)).filter(Column::IsDeleted.eq(false)).select_only();
    let standing: Vec<RestaurantId> = standing.column(Column::Id).into_tuple().all(database).await?;
    Ok(standing.into_iter().collect())
}

/// The first `limit` restaurants behind `after` that cook it.
pub(crate) async fn list_cooking(
    database: &impl Connection,
    subject: &Subject,
    after: Option<RestaurantId>,
    limit: u64,
) -> Result<Vec<RestaurantId>> {
    let mut cooking = cuisine::Entity::find().filter(cuisine::Column::Subject.eq(subject.as_str()));
    if let Some(after) = after {
        cooking = cooking.filter(cuisine::Column::RestaurantId.gt(after));
    }
    let cooking = cooking.order_by_asc(cuisine::Column::RestaurantId).limit(limit).select_only();
    Ok(cooking.column(cuisine::Column::RestaurantId).into_tuple().all(database).await?)
}
