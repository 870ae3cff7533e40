//! Carts of those who are not signed in.

use super::catalog;
use crate::anonymous::AskedChange;
use crate::error::CartError;
use crate::model::anonymous::{AddItem, CartId, Change, Changed};
use crate::model::{ChoiceRefusal, check_choice};
use crate::state::Carts;

/// Makes a change of the cart. What a restaurant is known not to have is not added; of one that nothing is known of, all is.
pub(crate) async fn change(carts: &Carts, id: CartId, asked: AskedChange) -> Result<Changed, CartError> {
    match &asked.change {
        Change::Add(item) => check(carts, item).await?,
        Change::Update(..) | Change::Remove(_) | Change::Clear | Change::Extend(_) => {}
    }
    Ok(carts.anonymous.change(id, asked).await?)
}

async fn check(carts: &Carts, item: &AddItem) -> Result<(), CartError> {
    let (Ok(restaurant_id), Ok(meal_id)) = (item.restaurant_id.parse(), item.meal_id.parse()) else {
        return Err(ChoiceRefusal::UnknownMeal.into());
    };
    let restaurant = catalog::find_restaurant(carts, restaurant_id).await?;
    Ok(check_choice(restaurant.as_deref(), meal_id, item.options.as_ref(), carts.context.now())?)
}
