//! The cart of a demo, filled where its diner never had one.

use contracts::{MealId, RestaurantId, UserId};
use database::Database;

use crate::model::{Note, Options};
use crate::store;
use crate::store::basket::Basket;
use crate::store::line::Line;

/// Puts so many of each meal of the restaurant into the cart of a user who has never had one.
///
/// # Errors
/// The database failed.
pub async fn seed(
    database: &Database,
    user_id: UserId,
    restaurant_id: RestaurantId,
    meals: Vec<(MealId, u16)>,
) -> anyhow::Result<()> {
    let tx = store::basket::begin_write(database, user_id).await?;
    if store::basket::find(&tx, user_id).await?.is_some() {
        return Ok(());
    }
    store::basket::put(&tx, Basket { user_id, restaurant_id, version: 1, updated_at: tx.now() }).await?;
    for (meal_id, quantity) in meals {
        let line = Line {
            id: 0,
            user_id,
            restaurant_id,
            meal_id,
            quantity: quantity.try_into()?,
            options: Options::default(),
            options_key: String::new(),
            note: Note::default(),
            schedule_date: None,
            created_at: tx.now(),
        };
        store::line::insert(&tx, line).await?;
    }
    Ok(tx.commit().await?)
}
