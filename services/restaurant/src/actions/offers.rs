//! What restaurants offer, as other services hear of it.

use std::collections::HashMap;

use contracts::{
    CatalogGroup, CatalogMeal, CatalogMealtime, CatalogMenu, CatalogOption, MealId, OptionGroupId, RestaurantId,
};
use database::Connection;

use crate::store;
use crate::store::meal::Meal;
use crate::store::option::MenuOption;

/// The meals of each of these restaurants, and what other services know of its menu.
pub(super) async fn load_offers(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
) -> database::Result<HashMap<RestaurantId, (Vec<Meal>, CatalogMenu)>> {
    let mut groups_of: HashMap<MealId, Vec<OptionGroupId>> = HashMap::new();
    for (meal, group) in store::meal_group::list_of(database, restaurants.clone()).await? {
        groups_of.entry(meal).or_default().push(group);
    }
    let mut options_of: HashMap<OptionGroupId, Vec<CatalogOption>> = HashMap::new();
    for option in store::option::list_of(database, restaurants.clone()).await? {
        options_of.entry(option.group_id).or_default().push(option.offered());
    }
    let mut offers: HashMap<RestaurantId, (Vec<Meal>, CatalogMenu)> = HashMap::new();
    for group in store::option_group::list_of(database, restaurants.clone()).await? {
        let offered = CatalogGroup {
            id: group.id,
            name: group.name.into(),
            min: group.min_choices.unsigned_abs(),
            max: group.max_choices.map(i16::unsigned_abs),
            options: options_of.remove(&group.id).unwrap_or_default(),
        };
        offers.entry(group.restaurant_id).or_default().1.groups.push(offered);
    }
    for mealtime in store::mealtime::list_of(database, restaurants.clone()).await? {
        let offered = CatalogMealtime { id: mealtime.id, name: mealtime.name.into(), hours: mealtime.hours };
        offers.entry(mealtime.restaurant_id).or_default().1.mealtimes.push(offered);
    }
    for meal in store::meal::list_of(database, restaurants).await? {
        let (meals, menu) = offers.entry(meal.restaurant_id).or_default();
        menu.meals.push(meal.offered(groups_of.remove(&meal.id).unwrap_or_default()));
        meals.push(meal);
    }
    Ok(offers)
}

impl Meal {
    fn offered(&self, group_ids: Vec<OptionGroupId>) -> CatalogMeal {
        CatalogMeal {
            id: self.id,
            name: self.name.as_str().to_owned(),
            price_kurus: self.price_kurus.into(),
            is_available: self.is_available,
            sold_out_until: self.sold_out_until,
            mealtime_id: self.mealtime_id,
            group_ids,
        }
    }
}

impl MenuOption {
    fn offered(self) -> CatalogOption {
        CatalogOption {
            id: self.id,
            name: self.name.into(),
            price_kurus: self.price_kurus,
            max_quantity: self.max_quantity.unsigned_abs(),
            is_available: self.is_available,
        }
    }
}
