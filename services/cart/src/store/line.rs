//! `cart_line`: what stands in the carts of users.

use clock::Timestamp;
use contracts::{MealId, RestaurantId, UserId};
use database::{Connection, Result, WriteTransaction};
use sea_orm::ActiveValue::NotSet;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

use crate::model::{KeptLine, LineId, Note, Options};

/// A meal with its options, in a cart.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_line")]
pub(crate) struct Model {
    /// 0 until it is written.
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) user_id: UserId,
    pub(crate) restaurant_id: RestaurantId,
    pub(crate) meal_id: MealId,
    pub(crate) quantity: i16,
    pub(crate) options: Options,
    /// [`Options::key`].
    pub(crate) options_key: String,
    pub(crate) note: Note,
    /// For when it is wanted; as soon as it can be when `None`.
    pub(crate) schedule_date: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) use Model as Line;

impl Line {
    /// Its name within its cart.
    pub(crate) fn line_id(&self) -> LineId {
        LineId::of(self.meal_id, &self.options)
    }

    /// What it is, wherever it stands.
    pub(crate) fn kept(&self) -> KeptLine {
        KeptLine {
            restaurant_id: self.restaurant_id,
            meal_id: self.meal_id,
            options: self.options.clone(),
            quantity: self.quantity,
            note: self.note.clone(),
            schedule_date: self.schedule_date,
            created_at: self.created_at,
        }
    }

    /// The line `id` of the user's cart; 0 until it is written.
    pub(crate) fn of(user_id: UserId, id: i64, line: &KeptLine) -> Self {
        Self {
            id,
            user_id,
            restaurant_id: line.restaurant_id,
            meal_id: line.meal_id,
            quantity: line.quantity,
            options_key: line.options.key(),
            options: line.options.clone(),
            note: line.note.clone(),
            schedule_date: line.schedule_date,
            created_at: line.created_at,
        }
    }
}

/// The lines of the user's cart, oldest first.
pub(crate) async fn list(database: &impl Connection, user_id: UserId) -> Result<Vec<Line>> {
    Ok(Entity::find().filter(Column::UserId.eq(user_id)).order_by_asc(Column::Id).all(database).await?)
}

/// Writes a line that is not there yet, and answers it with its id.
pub(crate) async fn insert(tx: &WriteTransaction, line: Line) -> Result<Line> {
    let columns = ActiveModel { id: NotSet, ..line.into_active_model() };
    Ok(Entity::insert(columns).exec_with_returning(tx).await?)
}

/// Writes a line that stood there before, by its id of then.
pub(crate) async fn put_back(tx: &WriteTransaction, line: Line) -> Result<Line> {
    Ok(Entity::insert(line.into_active_model()).exec_with_returning(tx).await?)
}

/// Writes all that the line has.
pub(crate) async fn update(tx: &WriteTransaction, line: &Line) -> Result<()> {
    let columns = ActiveModel { id: NotSet, ..line.clone().into_active_model().reset_all() };
    Entity::update_many().set(columns).filter(Column::Id.eq(line.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn delete(tx: &WriteTransaction, id: i64) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Empties the user's cart.
pub(crate) async fn delete_all(tx: &WriteTransaction, user_id: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user_id)).exec(tx).await?;
    Ok(())
}
