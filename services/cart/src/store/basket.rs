//! `cart_basket`: whose cart it is, and of which restaurant.

use clock::Timestamp;
use contracts::{RestaurantId, UserId};
use database::{Connection, Database, Result, WriteTransaction};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{IntoActiveModel, QueryOrder};

use super::line::{self, Line};

use crate::model::anonymous::CartId;

/// A cart without its lines. One that was emptied stays as it is, so that its version is never that of another cart.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_basket")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    /// That of all lines.
    pub(crate) restaurant_id: RestaurantId,
    /// Raised by each change of the cart or of a line.
    pub(crate) version: i64,
    pub(crate) updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Related<line::Entity> for Entity {
    fn to() -> RelationDef {
        Entity::belongs_to(line::Entity).from(Column::UserId).to(line::Column::UserId).into()
    }
}

pub(crate) use Model as Basket;

/// Begins a transaction that has the user's cart to itself.
pub(crate) async fn begin_write(database: &Database, user_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked(&format!("cart {user_id}")).await
}

/// The same for an order that is made of it, as [`is_checked_out`] sees.
pub(crate) async fn begin_checkout(database: &Database, user_id: UserId) -> Result<WriteTransaction> {
    database.begin_locked_each(vec![format!("cart {user_id}"), checkout_of(user_id)]).await
}

/// Whether an order of the user is being written at this moment. One that still waits for the cart is not.
pub(crate) async fn is_checked_out(database: &Database, user_id: UserId) -> Result<bool> {
    database.is_locked(&checkout_of(user_id)).await
}

/// Behind the cart in the order of the subjects.
fn checkout_of(user_id: UserId) -> String {
    format!("checkout {user_id}")
}

/// Begins a transaction that has the user's cart to itself, and what becomes of an anonymous one.
pub(crate) async fn begin_merge(database: &Database, user_id: UserId, cart_id: CartId) -> Result<WriteTransaction> {
    database.begin_locked_each(vec![format!("anonymous cart {}", cart_id.text()), format!("cart {user_id}")]).await
}

pub(crate) async fn find(database: &impl Connection, user_id: UserId) -> Result<Option<Basket>> {
    Ok(Entity::find_by_id(user_id).one(database).await?)
}

/// The user's cart and its lines, oldest first, as both were at one moment.
pub(crate) async fn find_with_lines(database: &Database, user_id: UserId) -> Result<(Option<Basket>, Vec<Line>)> {
    // One statement, because another may be committed between two.
    let found = Entity::find_by_id(user_id).find_with_related(line::Entity).order_by_asc(line::Column::Id);
    let found = found.all(database).await?.pop();
    Ok(found.map_or((None, Vec::new()), |(basket, lines)| (Some(basket), lines)))
}

/// Writes all that the cart has. Its restaurant can change only while it has no lines.
pub(crate) async fn put(tx: &WriteTransaction, basket: Basket) -> Result<()> {
    let mut anew = OnConflict::column(Column::UserId);
    anew.update_columns([Column::RestaurantId, Column::Version, Column::UpdatedAt]);
    Entity::insert(basket.into_active_model()).on_conflict(anew).exec_without_returning(tx).await?;
    Ok(())
}
