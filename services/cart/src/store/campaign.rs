//! `cart_campaign` and `cart_campaign_use`: what orders are given off, and which were.

use contracts::{CampaignId, CatalogCampaign, RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ExprTrait, IntoActiveModel, QueryOrder, QuerySelect, Set};

/// A campaign, as its restaurant or the platform has published it.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_campaign")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: CampaignId,
    /// [`RestaurantId::PLATFORM`] where it holds at any.
    pub(crate) restaurant_id: RestaurantId,
    /// What a diner types for it.
    pub(crate) code: Option<String>,
    pub(crate) body: CatalogCampaign,
    /// How many orders it was for, without those that came to nothing.
    pub(crate) used: i64,
    /// Whether it is named no more by whose it is.
    pub(crate) is_withdrawn: bool,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Campaign;

/// An order that was given something off.
mod usage {
    use super::{CampaignId, UserId};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cart_campaign_use")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) campaign_id: CampaignId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) user_id: UserId,
        /// Counted from 1 for each diner.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) nth: i32,
        pub(crate) order_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Writes what `restaurant_id` gives off now; what it does not name any more is withdrawn.
pub(crate) async fn replace(
    tx: &WriteTransaction,
    restaurant_id: RestaurantId,
    campaigns: Vec<CatalogCampaign>,
) -> Result<()> {
    let withdrawn = ActiveModel { is_withdrawn: Set(true), ..Default::default() };
    let others = Column::Id.is_not_in(campaigns.iter().map(|campaign| campaign.id).collect::<Vec<_>>());
    let own = Entity::update_many().set(withdrawn).filter(Column::RestaurantId.eq(restaurant_id));
    own.filter(stands()).filter(others).exec(tx).await?;
    if campaigns.is_empty() {
        return Ok(());
    }
    let rows = campaigns.into_iter().map(|body| {
        let (id, code) = (body.id, body.code.clone());
        Campaign { id, restaurant_id, code, body, used: 0, is_withdrawn: false }.into_active_model()
    });
    let anew = OnConflict::column(Column::Id)
        .update_columns([Column::RestaurantId, Column::Code, Column::Body, Column::IsWithdrawn])
        .to_owned();
    Entity::insert_many(rows).on_conflict(anew).exec_without_returning(tx).await?;
    Ok(())
}

/// What may be given off at the restaurant: its own campaigns and the platform's, in the order of their ids.
pub(crate) async fn list(database: &impl Connection, restaurant_id: RestaurantId) -> Result<Vec<Campaign>> {
    Ok(standing_at(restaurant_id).order_by_asc(Column::Id).all(database).await?)
}

fn standing_at(restaurant_id: RestaurantId) -> Select<Entity> {
    Entity::find().filter(Column::RestaurantId.is_in([restaurant_id, RestaurantId::PLATFORM])).filter(stands())
}

/// As the indexes say it: SQLite finds no value in a parameter.
fn stands() -> Expr {
    Expr::cust("NOT is_withdrawn")
}

/// Whether a campaign that holds elsewhere has this code.
pub(crate) async fn is_any_called(database: &impl Connection, code: &str) -> Result<bool> {
    Ok(called(code).one(database).await?.is_some())
}

fn called(code: &str) -> Select<Entity> {
    Entity::find().filter(Column::Code.eq(code)).filter(stands())
}

/// How many orders of the user the campaign was for, and the number of the last one.
pub(crate) async fn count_of(
    database: &impl Connection,
    campaign_id: CampaignId,
    user_id: UserId,
) -> Result<(i64, i32)> {
    let own = usage::Entity::find().filter(usage::Column::CampaignId.eq(campaign_id));
    let own = own.filter(usage::Column::UserId.eq(user_id)).select_only();
    let counted = own.column_as(usage::Column::Nth.count(), "count").column_as(usage::Column::Nth.max(), "last");
    let (count, last): (i64, Option<i32>) = counted.into_tuple().one(database).await?.unwrap_or_default();
    Ok((count, last.unwrap_or_default()))
}

/// Counts the order as one of the campaign's, unless it has had as many as it is for. The row of a campaign that everybody
/// orders by is locked here, so this is the last statement of its transaction.
pub(crate) async fn take(
    tx: &WriteTransaction,
    campaign: &Campaign,
    (user_id, nth): (UserId, i32),
    order_id: i64,
) -> Result<bool> {
    let usage = usage::Model { campaign_id: campaign.id, user_id, nth, order_id };
    usage::Entity::insert(usage.into_active_model()).exec_without_returning(tx).await?;
    let mut one_more =
        Entity::update_many().col_expr(Column::Used, Expr::col(Column::Used).add(1)).filter(Column::Id.eq(campaign.id));
    if let Some(limit) = campaign.body.total_limit {
        one_more = one_more.filter(Column::Used.lt(i64::from(limit)));
    }
    Ok(one_more.exec(tx).await?.rows_affected > 0)
}

/// Gives back what the order has had.
pub(crate) async fn give_back(tx: &WriteTransaction, order_id: i64) -> Result<()> {
    let used = usage::Entity::find().filter(usage::Column::OrderId.eq(order_id)).one(tx).await?;
    let Some(usage) = used else { return Ok(()) };
    let campaign_id = usage.campaign_id;
    usage::Entity::delete_many().filter(usage::Column::OrderId.eq(order_id)).exec(tx).await?;
    let one_less = Entity::update_many().col_expr(Column::Used, Expr::col(Column::Used).sub(1));
    one_less.filter(Column::Id.eq(campaign_id)).exec(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kit::on_every_database;
    use sea_orm::{DbBackend, QueryTrait, Statement};

    use super::*;
    use crate::fixture::Fixture;

    on_every_database! {
        Fixture: what_was_withdrawn_is_not_read_by_who_orders
    }

    /// What the database reads for it, in its own words.
    async fn plan(tx: &WriteTransaction, query: Select<Entity>) -> String {
        let backend = tx.get_database_backend();
        let Statement { sql, values, .. } = query.build(backend);
        let explain = if backend == DbBackend::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
        let explained = Statement { sql: format!("{explain} {sql}"), values, db_backend: backend };
        let rows = tx.query_all_raw(explained).await.unwrap();
        let column = if backend == DbBackend::Sqlite { 3 } else { 0 };
        let lines = rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn what_was_withdrawn_is_not_read_by_who_orders(fixture: Fixture) {
        let kitchen = fixture.kitchen("Çıpa").await;
        let tx = fixture.context.database.begin_write().await.unwrap();
        if fixture.is_on_postgres() {
            // Of a small table it would read all.
            tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        }

        let (here, by_code) = (plan(&tx, standing_at(kitchen.id)).await, plan(&tx, called("LEZZET10")).await);

        assert!(here.contains("cart_campaign_standing"), "{here}");
        assert!(by_code.contains("cart_campaign_standing_code"), "{by_code}");
    }
}
