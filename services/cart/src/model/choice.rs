//! Whether what is chosen can stand in a cart.

use contracts::pricing::{Moment, PriceRefusal, Selection};
use contracts::{CatalogMeal, CatalogMenu, MealId};

use super::catalog::Offer;
use super::{Options, RestaurantCopy};
use clock::Timestamp;

/// Why a line is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChoiceRefusal {
    /// The restaurant was deleted, or shows itself to nobody.
    #[error("the restaurant is gone")]
    RestaurantGone,
    /// It has no such meal.
    #[error("the restaurant has no such meal")]
    UnknownMeal,
    /// The meal can't be had with these options.
    #[error(transparent)]
    Options(#[from] PriceRefusal),
}

/// Whether a meal with `options` can be put into a cart. Whether it can be had at this moment is another question, which the cart
/// answers each time that it is shown; so it is for a restaurant that is not known yet, and for a client that knows no options.
pub(crate) fn check_choice(
    restaurant: Option<&RestaurantCopy>,
    meal_id: MealId,
    options: Option<&Options>,
    now: Timestamp,
) -> Result<(), ChoiceRefusal> {
    let Some(restaurant) = restaurant else { return Ok(()) };
    let offer = restaurant.offer().ok_or(ChoiceRefusal::RestaurantGone)?;
    let meal = restaurant.meal(meal_id).ok_or(ChoiceRefusal::UnknownMeal)?;
    match options {
        None => Ok(()),
        Some(options) => Ok(check_options(offer, meal, options, now)?),
    }
}

fn check_options(offer: &Offer, meal: &CatalogMeal, options: &Options, now: Timestamp) -> Result<(), PriceRefusal> {
    let groups = offer.catalog.menu.groups.iter().filter(|group| meal.group_ids.contains(&group.id));
    let menu = CatalogMenu {
        meals: vec![CatalogMeal { is_available: true, mealtime_id: None, ..meal.clone() }],
        mealtimes: Vec::new(),
        groups: groups.cloned().collect(),
    };
    let options = options.chosen().iter().map(|chosen| (chosen.option_id, chosen.quantity)).collect();
    let selection = Selection { meal_id: meal.id, options, expected: None };
    menu.unit_price(&selection, Moment { at: now, time_zone: offer.time_zone() }).map(|_| ())
}
