//! `restaurant_audience`: how many follow a restaurant, and what it cooks, as user has counted them.

use clock::Timestamp;
use contracts::{AudienceCounted, RestaurantId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};

/// Who would hear of a campaign of a restaurant.
#[sea_orm::model]
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restaurant_audience")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    restaurant_id: RestaurantId,
    /// `None` where they are too few to be counted out.
    pub(crate) followers: Option<i64>,
    /// In the same way.
    pub(crate) consenting: Option<i64>,
    /// `None` where the restaurant was deleted: no count is newer.
    pub(crate) counted_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Audience;

impl From<AudienceCounted> for Audience {
    fn from(event: AudienceCounted) -> Self {
        let AudienceCounted { restaurant_id, followers, consenting, counted_at } = event;
        Self { restaurant_id, followers: many(followers), consenting: many(consenting), counted_at: Some(counted_at) }
    }
}

/// So few that they could be guessed are none, whoever says so.
fn many(counted: Option<u64>) -> Option<i64> {
    let many = counted.filter(|counted| *counted >= AudienceCounted::LEAST_COUNTED);
    many.map(|counted| i64::try_from(counted).unwrap_or(i64::MAX))
}

/// Keeps the count, unless a newer one is known or the restaurant was deleted.
pub(crate) async fn keep(tx: &WriteTransaction, audience: Audience) -> Result<()> {
    let known = Expr::col((Entity, Column::CountedAt));
    let newer = OnConflict::column(Column::RestaurantId)
        .update_columns([Column::Followers, Column::Consenting, Column::CountedAt])
        .action_and_where(known.lt(audience.counted_at))
        .to_owned();
    Entity::insert(audience.into_active_model()).on_conflict(newer).exec_without_returning(tx).await?;
    Ok(())
}

/// The restaurant was deleted; what stays says so to a count that comes late.
pub(crate) async fn delete(tx: &WriteTransaction, restaurant_id: RestaurantId) -> Result<()> {
    let deleted = Audience { restaurant_id, followers: None, consenting: None, counted_at: None };
    let known = OnConflict::column(Column::RestaurantId)
        .update_columns([Column::Followers, Column::Consenting, Column::CountedAt])
        .to_owned();
    Entity::insert(deleted.into_active_model()).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// How many were counted last, if they ever were.
pub(crate) async fn find(database: &impl Connection, restaurant_id: RestaurantId) -> Result<Option<Audience>> {
    let known = Entity::find_by_id(restaurant_id).one(database).await?;
    Ok(known.filter(|audience| audience.counted_at.is_some()))
}
