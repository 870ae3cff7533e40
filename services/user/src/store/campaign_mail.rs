//! `user_campaign_mail`: who was mailed of which restaurant, for as long as that keeps further mails from them.

use clock::Timestamp;
use contracts::{RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};

/// A mail.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_campaign_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) restaurant_id: RestaurantId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as CampaignMail;

/// Keeps that they were mailed.
pub(crate) async fn insert(tx: &WriteTransaction, mails: Vec<CampaignMail>) -> Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    Entity::insert_many(mails.into_iter().map(IntoActiveModel::into_active_model)).exec_without_returning(tx).await?;
    Ok(())
}

/// The mails of these users behind `after`.
pub(crate) async fn list(
    database: &impl Connection,
    users: Vec<UserId>,
    after: Timestamp,
) -> Result<Vec<CampaignMail>> {
    Ok(Entity::find().filter(Column::UserId.is_in(users)).filter(Column::At.gt(after)).all(database).await?)
}

/// Forgets up to `limit` mails before `before`, and answers how many.
pub(crate) async fn trim(tx: &WriteTransaction, before: Timestamp, limit: u64) -> Result<u64> {
    let key = [Column::UserId, Column::RestaurantId, Column::At];
    let old = Query::select().columns(key).from(Entity).and_where(Column::At.lt(before)).limit(limit).to_owned();
    let deleted = Entity::delete_many().filter(Expr::tuple(key.map(Expr::col)).in_subquery(old));
    Ok(deleted.exec(tx).await?.rows_affected)
}
