//! The demo town, written down where it is not there yet.

use std::collections::HashSet;

use contracts::{AddressDetails, AddressId, CategoryId, MealId, OptionGroupId, OptionId, Price, RestaurantId, UserId};
use database::{Database, WriteTransaction};

use crate::error::RestaurantError;
use crate::model::demo::{self, DemoMeal, DemoRestaurant, Part};
use crate::model::{Complements, MealGroups, MealParts, Position};
use crate::store;
use crate::store::campaign::Campaign;
use crate::store::category::Category;
use crate::store::meal::Meal;
use crate::store::option::MenuOption;
use crate::store::option_group::OptionGroup;
use crate::store::restaurant::Restaurant;

use super::catalog::{record_changed, record_platform_changed};
use super::restaurants::placed_at;

/// Restaurants of a demo that are not there yet. One that was changed or deleted is there: it stays as it is.
pub struct DemoTown(Vec<DemoRestaurant>);

/// Who run the restaurants of a demo.
pub type DemoManagers = [UserId; demo::MANAGERS];

/// The address of a demo's restaurant, whose it is, and what it says.
pub type DemoPlace = (AddressId, UserId, AddressDetails);

/// What a diner of the demo has begun to order: the restaurant, and how many of which meals.
#[must_use]
pub fn demo_cart() -> (RestaurantId, Vec<(MealId, u16)>) {
    let restaurant = demo::town().next().expect("the town has a restaurant");
    let meals = restaurant.meals();
    let first_of = |wanted: Part| meals.iter().find(move |meal| meal.part == wanted).map(|meal| MealId(meal.id));
    let wanted = [(Part::Usual, 1), (Part::Drinks, 2)];
    let wanted = wanted.into_iter().filter_map(|(part, quantity)| Some((first_of(part)?, quantity)));
    (restaurant.id(), wanted.collect())
}

/// All restaurants of the town, also those that were deleted since.
#[must_use]
pub fn demo_restaurants() -> Vec<RestaurantId> {
    demo::town().map(|restaurant| restaurant.id()).collect()
}

impl DemoTown {
    /// What is missing of it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn missing(database: &Database) -> anyhow::Result<Self> {
        let all: Vec<DemoRestaurant> = demo::town().collect();
        let ids = all.iter().map(DemoRestaurant::id).collect();
        let there: HashSet<RestaurantId> = store::restaurant::list_existing(database, ids).await?.into_iter().collect();
        Ok(Self(all.into_iter().filter(|restaurant| !there.contains(&restaurant.id())).collect()))
    }

    /// Where its restaurants are. They are drafts until the address service has published these.
    #[must_use]
    pub fn places(&self, managers: &DemoManagers) -> Vec<DemoPlace> {
        let place = |restaurant: &DemoRestaurant| {
            (restaurant.address_id(), managers[restaurant.manager()], restaurant.address())
        };
        self.0.iter().map(place).collect()
    }

    /// Writes down each restaurant with its menu, in a transaction of its own, and the campaign of the platform.
    ///
    /// # Errors
    /// The database failed; what was written down until then stays.
    pub async fn seed(&self, database: &Database, managers: &DemoManagers) -> anyhow::Result<()> {
        for restaurant in &self.0 {
            seed(database, restaurant, managers[restaurant.manager()]).await?;
        }
        Ok(seed_campaign(database).await?)
    }
}

async fn seed(database: &Database, demo: &DemoRestaurant, owner_id: UserId) -> Result<(), RestaurantError> {
    let tx = store::restaurant::begin_write(database, owner_id).await?;
    let (parts, id) = (demo.parts(), demo.id());
    let address = store::address::claim(&tx, parts.address_id).await?;
    let cuisines = parts.cuisines.clone();
    let restaurant = placed_at(Restaurant::new(id, owner_id, parts, tx.now()), &address)?;
    let (rating_avg, rating_count) = demo.rating();
    let today = tx.now().with_timezone(&restaurant.time_zone.0).date_naive();
    let restaurant = Restaurant { rating_avg, rating_count, special_days: demo.special_days(today), ..restaurant };
    store::restaurant::insert(&tx, &restaurant).await?;
    store::cuisine::replace(&tx, id, &cuisines).await?;
    seed_menu(&tx, demo).await?;
    record_changed(&tx, vec![restaurant]).await?;
    Ok(tx.commit().await?)
}

/// Only where the platform has never had a campaign: one that was deleted leaves no row by which it is known.
async fn seed_campaign(database: &Database) -> Result<(), RestaurantError> {
    let tx = database.begin_read_committed().await?;
    let version = store::platform::begin_version(&tx).await?;
    if version > 1 {
        return Ok(());
    }
    let (id, parts) = demo::campaign(tx.now());
    parts.check(tx.now()).map_err(RestaurantError::CampaignInvalid)?;
    store::campaign::insert(&tx, &Campaign::new(id, None, parts, tx.now())).await?;
    record_platform_changed(&tx, version).await?;
    Ok(tx.commit().await?)
}

async fn seed_menu(tx: &WriteTransaction, demo: &DemoRestaurant) -> Result<(), RestaurantError> {
    let id = demo.id();
    for (part, position) in Part::ALL.into_iter().zip(0_i16..) {
        let name = part.heading().parse().expect("it is a short name");
        let category = Category { id: CategoryId(demo.category(part)), restaurant_id: id, name, position };
        store::category::insert(tx, &category).await?;
    }
    let groups = demo.groups();
    for (group, position) in groups.iter().zip(0_i16..) {
        let row = OptionGroup {
            id: OptionGroupId(group.id),
            restaurant_id: id,
            name: group.name.parse().expect("it is a short name"),
            min_choices: group.min.into(),
            max_choices: group.max.map(Into::into),
            position,
        };
        store::option_group::insert(tx, &row).await?;
        let options = group.options.iter().zip(0_i16..).map(|((option, name, price), position)| MenuOption {
            id: OptionId(*option),
            restaurant_id: id,
            group_id: row.id,
            name: name.parse().expect("it is a short name"),
            price_kurus: *price,
            max_quantity: 1,
            is_available: true,
            position,
        });
        store::option::replace(tx, (id, row.id), &options.collect::<Vec<_>>()).await?;
    }
    let groups: Vec<OptionGroupId> = groups.iter().map(|group| OptionGroupId(group.id)).collect();
    for (meal, position) in demo.meals().into_iter().zip(0_i16..) {
        let category_id = CategoryId(demo.category(meal.part));
        let row = Meal::new(MealId(meal.id), id, parts(&meal, category_id), Position(position), tx.now());
        store::meal::insert(tx, &row).await?;
        if meal.part == Part::Specialities {
            store::meal_group::replace(tx, (id, row.id), &groups).await?;
        }
    }
    Ok(())
}

fn parts(meal: &DemoMeal, category_id: CategoryId) -> MealParts {
    MealParts {
        name: meal.name.parse().expect("it is a short name"),
        description: None,
        price: Price::try_from(meal.price).expect("prices are in the table"),
        image_url: Some(demo::meal_picture(meal).parse().expect("it is a path")),
        cuisine: None,
        is_available: true,
        complements: Complements::default(),
        category_id: Some(category_id),
        mealtime_id: None,
        groups: MealGroups::default(),
        // Nobody has asked the kitchens.
        allergens: None,
        contains_alcohol: false,
        contains_pork: false,
        position: None,
    }
}
