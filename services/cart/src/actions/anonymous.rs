//! Carts of those who are not signed in.

use contracts::RestaurantId;

use super::catalog;
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::anonymous::{AddItem, CartId, CartRefusal, Change, Changed};
use crate::model::{ChoiceRefusal, check_choice};
use crate::state::Carts;

/// Makes a change of the cart. What a restaurant is known not to have is not added; of one that nothing is known of, all is.
pub(crate) async fn change(carts: &Carts, id: CartId, asked: AskedChange) -> Result<Changed, CartError> {
    match &asked.change {
        Change::Add(item) => {
            if let Err(refusal) = check(carts, item).await {
                return repeated(carts, id, item).await?.ok_or(refusal);
            }
        }
        Change::Update(..)
        | Change::Remove(_)
        | Change::Clear
        | Change::Extend(_)
        | Change::Take(..)
        | Change::Return(_) => {}
    }
    // An add makes the cart that is not there, and a network makes only so many.
    if matches!(asked.change, Change::Add(_)) && asked.if_match.is_none() {
        return Ok(carts.anonymous.change(id, asked).await?);
    }
    let network = asked.network.clone();
    Ok(carts.anonymous.unless_guessed(&network, id, carts.anonymous.change(id, asked)).await?)
}

/// The cart, for a client of `network`.
pub(crate) async fn find(carts: &Carts, id: CartId, network: &str) -> Result<Changed, CartError> {
    Ok(carts.anonymous.unless_guessed(network, id, carts.anonymous.find(id)).await?)
}

/// The cart, if `item` was added by the same key before: what has become of the meal since changes nothing of that.
async fn repeated(carts: &Carts, id: CartId, item: &AddItem) -> Result<Option<Changed>, CartError> {
    if item.key.is_none() {
        return Ok(None);
    }
    match carts.anonymous.find(id).await {
        Ok(found) => {
            let is_repeat = found.cart.has_done(item).map_err(AnonymousError::from)?;
            Ok(is_repeat.then_some(Changed { is_repeat, ..found }))
        }
        Err(AnonymousError::Refused(CartRefusal::NoCart)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn check(carts: &Carts, item: &AddItem) -> Result<(), CartError> {
    let (Ok(restaurant_id), Ok(meal_id)) = (item.restaurant_id.parse(), item.meal_id.parse()) else {
        return Err(ChoiceRefusal::UnknownMeal.into());
    };
    if restaurant_id == RestaurantId::PLATFORM {
        return Err(ChoiceRefusal::UnknownMeal.into());
    }
    let restaurant = catalog::find_restaurant(carts, restaurant_id).await?;
    Ok(check_choice(restaurant.as_deref(), meal_id, item.options.as_ref(), carts.context.now())?)
}
