//! All that restaurants offer, out of the tables of menus: read whole, because whoever asks for a part needs what it belongs to.

use std::collections::HashMap;
use std::mem::size_of;

use clock::Timestamp;
use contracts::pricing::{Moment, PriceRefusal};
use contracts::{
    ALCOHOL_VAT_BP, CatalogGroup, CatalogMeal, CatalogMealtime, CatalogMenu, CatalogOption, FOOD_VAT_BP, MealId,
    OptionGroupId, RestaurantId,
};
use database::{Connection, Result, WriteTransaction};
use sea_orm::entity::prelude::*;

use crate::model::{Description, MealCuisine, PictureUrl, TimeZone};

use super::category::Category;
use super::meal::Meal;
use super::option::MenuOption;
use super::{category, complement, meal, meal_group, mealtime, option, option_group};

/// A name, and a week with an interval on each day.
const MEALTIME_WEIGHT: usize = 512;

/// The menu of a restaurant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Menu {
    pub(crate) categories: Vec<Category>,
    /// In their order; those of `offer` are the same ones.
    pub(crate) meals: Vec<Meal>,
    pub(crate) complements: HashMap<MealId, Vec<MealId>>,
    /// What other services know of it.
    pub(crate) offer: CatalogMenu,
}

/// A meal with what belongs to it, as it is at an instant.
#[derive(Debug, Clone)]
pub(crate) struct FullMeal {
    pub(crate) meal: Meal,
    pub(crate) complements: Vec<MealId>,
    pub(crate) groups: Vec<OptionGroupId>,
    /// Whether it can be had, if not at any time of the day.
    pub(crate) is_available: bool,
    /// Whether it is served at this time, too.
    pub(crate) can_be_ordered: bool,
}

/// The menu of the restaurant.
pub(crate) async fn load(database: &impl Connection, id: RestaurantId) -> Result<Menu> {
    let categories = category::list_of(database, id).await?;
    let mut complements: HashMap<MealId, Vec<MealId>> = HashMap::new();
    for (meal, other) in complement::list_of(database, id).await? {
        complements.entry(meal).or_default().push(other);
    }
    let (meals, offer) = list_offers(database, vec![id]).await?.remove(&id).unwrap_or_default();
    Ok(Menu { categories, meals, complements, offer })
}

/// Deletes all that the restaurant offers. Meals that were deleted before stay what they are.
pub(crate) async fn delete_of(tx: &WriteTransaction, id: RestaurantId) -> Result<()> {
    complement::Entity::delete_many().filter(complement::Column::RestaurantId.eq(id)).exec(tx).await?;
    meal_group::Entity::delete_many().filter(meal_group::Column::RestaurantId.eq(id)).exec(tx).await?;
    option::Entity::delete_many().filter(option::Column::RestaurantId.eq(id)).exec(tx).await?;
    option_group::Entity::delete_many().filter(option_group::Column::RestaurantId.eq(id)).exec(tx).await?;
    mealtime::Entity::delete_many().filter(mealtime::Column::RestaurantId.eq(id)).exec(tx).await?;
    category::Entity::delete_many().filter(category::Column::RestaurantId.eq(id)).exec(tx).await?;
    let meals = meal::Entity::delete_many().filter(meal::Column::RestaurantId.eq(id));
    meals.filter(meal::Column::DeletedAt.is_null()).exec(tx).await?;
    Ok(())
}

/// The meals of each of these restaurants, and what other services know of its menu.
pub(crate) async fn list_offers(
    database: &impl Connection,
    restaurants: Vec<RestaurantId>,
) -> Result<HashMap<RestaurantId, (Vec<Meal>, CatalogMenu)>> {
    if restaurants.is_empty() {
        return Ok(HashMap::new());
    }
    let mut groups_of: HashMap<MealId, Vec<OptionGroupId>> = HashMap::new();
    for (meal, group) in meal_group::list_of(database, restaurants.clone()).await? {
        groups_of.entry(meal).or_default().push(group);
    }
    let mut options_of: HashMap<OptionGroupId, Vec<CatalogOption>> = HashMap::new();
    for option in option::list_of(database, restaurants.clone()).await? {
        options_of.entry(option.group_id).or_default().push(option.offered());
    }
    let mut offers: HashMap<RestaurantId, (Vec<Meal>, CatalogMenu)> = HashMap::new();
    for group in option_group::list_of(database, restaurants.clone()).await? {
        let offered = CatalogGroup {
            id: group.id,
            name: group.name.into(),
            min: group.min_choices.unsigned_abs(),
            max: group.max_choices.map(i16::unsigned_abs),
            options: options_of.remove(&group.id).unwrap_or_default(),
        };
        offers.entry(group.restaurant_id).or_default().1.groups.push(offered);
    }
    for mealtime in mealtime::list_of(database, restaurants.clone()).await? {
        let offered = CatalogMealtime { id: mealtime.id, name: mealtime.name.into(), hours: mealtime.hours };
        offers.entry(mealtime.restaurant_id).or_default().1.mealtimes.push(offered);
    }
    for meal in meal::list_of(database, restaurants).await? {
        let (meals, menu) = offers.entry(meal.restaurant_id).or_default();
        menu.meals.push(meal.offered(groups_of.remove(&meal.id).unwrap_or_default()));
        meals.push(meal);
    }
    Ok(offers)
}

impl Menu {
    /// The meal, as it is at `now`.
    pub(crate) fn meal(&self, id: MealId, time_zone: TimeZone, now: Timestamp) -> Option<FullMeal> {
        let place = self.meals.iter().position(|meal| meal.id == id)?;
        Some(self.full(&self.meals[place], &self.offer.meals[place], Moment { at: now, time_zone: time_zone.0 }))
    }

    /// All meals, as they are at `now`.
    pub(crate) fn meals_at(&self, time_zone: TimeZone, now: Timestamp) -> Vec<FullMeal> {
        let moment = Moment { at: now, time_zone: time_zone.0 };
        self.meals.iter().zip(&self.offer.meals).map(|(meal, offered)| self.full(meal, offered, moment)).collect()
    }

    /// What goes well with the meal and can be had at `now`, in its order.
    pub(crate) fn complements_at(&self, id: MealId, time_zone: TimeZone, now: Timestamp) -> Vec<FullMeal> {
        let others = self.complements.get(&id).into_iter().flatten();
        others.filter_map(|other| self.meal(*other, time_zone, now)).filter(|other| other.is_available).collect()
    }

    /// How many bytes other services are sent of it.
    pub(crate) fn offer_bytes(&self) -> Result<usize> {
        Ok(serde_json::to_vec(&self.offer).map_err(|error| DbErr::Json(error.to_string()))?.len())
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let text = |text: Option<&str>| text.map_or(0, str::len);
        let meals = self.meals.iter().map(|meal| {
            let texts = meal.name.as_str().len() * 2
                + text(meal.description.as_ref().map(Description::as_str))
                + text(meal.image_url.as_ref().map(PictureUrl::as_str))
                + text(meal.cuisine.as_ref().map(MealCuisine::as_str));
            size_of::<Meal>() + size_of::<CatalogMeal>() + texts
        });
        let links = self.complements.values().map(Vec::len).sum::<usize>()
            + self.offer.meals.iter().map(|meal| meal.group_ids.len()).sum::<usize>();
        let options = self.offer.groups.iter().map(|group| {
            let options = group.options.iter().map(|option| size_of::<CatalogOption>() + option.name.len());
            size_of::<CatalogGroup>() + group.name.len() + options.sum::<usize>()
        });
        let categories = self.categories.iter().map(|category| size_of::<Category>() + category.name.as_str().len());
        let mealtimes = self.offer.mealtimes.len() * MEALTIME_WEIGHT;
        meals.sum::<usize>()
            + links * size_of::<MealId>()
            + options.sum::<usize>()
            + categories.sum::<usize>()
            + mealtimes
            + size_of::<Self>()
    }

    /// What of the menu depends on the time, as it is at `now`: the mealtimes that are on, and how much that was sold out is back.
    pub(crate) fn phase(&self, time_zone: TimeZone, now: Timestamp) -> String {
        let moment = Moment { at: now, time_zone: time_zone.0 };
        let on = self.offer.mealtimes.iter().map(|mealtime| if mealtime.is_on(moment) { '1' } else { '0' });
        let back = self.meals.iter().filter(|meal| meal.sold_out_until.is_some_and(|until| until <= now));
        format!(
            "{}{}",
            back.count(),
            on.fold(String::from("-"), |mut phase, bit| {
                phase.push(bit);
                phase
            })
        )
    }

    fn full(&self, meal: &Meal, offered: &CatalogMeal, moment: Moment) -> FullMeal {
        let checked = self.offer.check(offered, moment);
        FullMeal {
            complements: self.complements.get(&meal.id).cloned().unwrap_or_default(),
            groups: offered.group_ids.clone(),
            is_available: checked != Err(PriceRefusal::MealUnavailable),
            can_be_ordered: checked.is_ok(),
            meal: meal.clone(),
        }
    }
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
            vat_bp: if self.contains_alcohol { ALCOHOL_VAT_BP } else { FOOD_VAT_BP },
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
