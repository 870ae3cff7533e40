//! Meals in the shape of the first platform, with what is ours behind it.

use chrono::{DateTime, Utc};
use contracts::{CategoryId, MealId, MealtimeId, OptionGroupId, Price, RestaurantId};
use kit::{BareTime, Faults, Field, Problem, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{
    Allergen, Allergens, Availability, Complements, Description, MealChange, MealCuisine, MealGroups, MealParts,
    MenuName, PictureUrl, Position, SoldOutUntil,
};
use crate::store::menu::FullMeal;

/// A meal to be written down.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateMeal {
    /// Whose menu it is on.
    #[serde(default)]
    #[schema(required, value_type = RestaurantId)]
    restaurant_id: Field<RestaurantId>,
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 128, example = "Adana Kebap")]
    name: Field<MenuName>,
    /// 1 to 2000 characters, in paragraphs.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// What it costs without options.
    #[serde(default)]
    #[schema(required, value_type = f64, minimum = 0.01, maximum = 100_000, example = 240)]
    price: Field<Price>,
    /// A path of ours or an `https` address.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "https://example.com/adana.png")]
    image_url: Field<PictureUrl>,
    /// 1 to 64 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "Kebap")]
    cuisine: Field<MealCuisine>,
    /// Whether it can be had; so it is when this is left out.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_available: Field<bool>,
    /// What goes well with it: up to 10 other meals of the restaurant.
    #[serde(default)]
    #[schema(value_type = Option<Vec<MealId>>, max_items = 10)]
    complementary_ids: Field<Complements>,
    /// A category of the restaurant.
    #[serde(default)]
    #[schema(value_type = Option<CategoryId>)]
    category_id: Field<CategoryId>,
    /// When it is served; all day when left out.
    #[serde(default)]
    #[schema(value_type = Option<MealtimeId>)]
    mealtime_id: Field<MealtimeId>,
    /// What is chosen with it: up to 20 groups of the restaurant.
    #[serde(default)]
    #[schema(value_type = Option<Vec<OptionGroupId>>, max_items = 20)]
    group_ids: Field<MealGroups>,
    /// What it contains of the fourteen; left out where that is not known.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Allergen>>, example = json!(["gluten", "milk"]))]
    allergens: Field<Allergens>,
    /// Whether there is alcohol in it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    contains_alcohol: Field<bool>,
    /// Whether there is pork in it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    contains_pork: Field<bool>,
    /// Where it stands on the menu; behind all others when left out.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 10_000)]
    position: Field<Position>,
}

/// What changes in a meal; what is left out stays, and so does what can't be empty and is sent as `null`. Whether it can be had
/// has a route of its own and is ignored here, as are other fields of the answer that are sent back.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateMeal {
    /// Whose menu it is on. It stays there.
    #[serde(default)]
    #[schema(value_type = Option<RestaurantId>)]
    restaurant_id: Field<RestaurantId>,
    /// 1 to 128 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Adana Kebap")]
    name: Field<MenuName>,
    /// 1 to 2000 characters, in paragraphs; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Description>,
    /// What it costs without options.
    #[serde(default)]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 100_000, example = 240)]
    price: Field<Price>,
    /// A path of ours or an `https` address; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "https://example.com/adana.png")]
    image_url: Field<PictureUrl>,
    /// 1 to 64 characters; `null` clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "Kebap")]
    cuisine: Field<MealCuisine>,
    /// What goes well with it: up to 10 other meals of the restaurant.
    #[serde(default)]
    #[schema(value_type = Option<Vec<MealId>>, max_items = 10)]
    complementary_ids: Field<Complements>,
    /// A category of the restaurant; `null` takes it out of its category.
    #[serde(default)]
    #[schema(value_type = Option<CategoryId>)]
    category_id: Field<CategoryId>,
    /// When it is served; `null` means all day.
    #[serde(default)]
    #[schema(value_type = Option<MealtimeId>)]
    mealtime_id: Field<MealtimeId>,
    /// What is chosen with it: up to 20 groups of the restaurant.
    #[serde(default)]
    #[schema(value_type = Option<Vec<OptionGroupId>>, max_items = 20)]
    group_ids: Field<MealGroups>,
    /// What it contains of the fourteen; `null` means that this is not known.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Allergen>>, example = json!(["gluten", "milk"]))]
    allergens: Field<Allergens>,
    /// Whether there is alcohol in it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    contains_alcohol: Field<bool>,
    /// Whether there is pork in it.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    contains_pork: Field<bool>,
    /// Where it stands on the menu.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 10_000)]
    position: Field<Position>,
}

/// Whether a meal can be had.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateAvailability {
    /// Whether it can.
    #[serde(default)]
    #[schema(required, value_type = bool)]
    is_available: Field<bool>,
    /// Where it can't: when it comes back by itself, within a year. A time, or `end_of_day` for the end of the opening day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "end_of_day")]
    until: Field<SoldOutUntil>,
}

/// A meal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meal)]
pub(super) struct MealBody {
    id: MealId,
    restaurant_id: RestaurantId,
    #[schema(value_type = String)]
    name: MenuName,
    #[schema(value_type = Option<String>)]
    description: Option<Description>,
    /// Whether it can be had now, if not at any time of the day.
    is_available: bool,
    price: Price,
    #[schema(value_type = Option<String>)]
    image_url: Option<PictureUrl>,
    #[schema(value_type = Option<String>)]
    cuisine: Option<MealCuisine>,
    complementary_ids: Vec<MealId>,
    #[schema(value_type = String)]
    created_at: BareTime,
    #[schema(value_type = String)]
    updated_at: BareTime,
    category_id: Option<CategoryId>,
    /// When it is served; all day when `null`.
    mealtime_id: Option<MealtimeId>,
    /// What is chosen with it.
    group_ids: Vec<OptionGroupId>,
    /// `null` where nothing is known of them.
    #[schema(value_type = Option<Vec<Allergen>>)]
    allergens: Option<Allergens>,
    contains_alcohol: bool,
    contains_pork: bool,
    position: i16,
    /// When what can't be had comes back by itself.
    sold_out_until: Option<DateTime<Utc>>,
    /// Whether it can be had and is served at this time; the restaurant may be closed nevertheless.
    can_be_ordered: bool,
}

impl From<FullMeal> for MealBody {
    fn from(full: FullMeal) -> Self {
        let FullMeal { meal, complements, groups, is_available, can_be_ordered } = full;
        Self {
            id: meal.id,
            restaurant_id: meal.restaurant_id,
            name: meal.name,
            description: meal.description,
            is_available,
            price: meal.price_kurus,
            image_url: meal.image_url,
            cuisine: meal.cuisine,
            complementary_ids: complements,
            created_at: BareTime(meal.created_at),
            updated_at: BareTime(meal.updated_at),
            category_id: meal.category_id,
            mealtime_id: meal.mealtime_id,
            group_ids: groups,
            allergens: meal.allergens.map(Allergens),
            contains_alcohol: meal.contains_alcohol,
            contains_pork: meal.contains_pork,
            position: meal.position,
            sold_out_until: meal.sold_out_until.filter(|_| !is_available),
            can_be_ordered,
        }
    }
}

impl CreateMeal {
    /// On whose menu it is to be, and all fields; or every fault.
    pub(super) fn parts(self) -> Result<(RestaurantId, MealParts), Problem> {
        let mut faults = Faults::default();
        let restaurant_id = faults.required("restaurant_id", self.restaurant_id);
        let name = faults.required("name", self.name);
        let price = faults.required("price", self.price);
        let description = faults.unless_null("description", self.description);
        let image_url = faults.unless_null("image_url", self.image_url);
        let cuisine = faults.unless_null("cuisine", self.cuisine);
        let is_available = faults.unless_null("is_available", self.is_available).unwrap_or(true);
        let complements = faults.unless_null("complementary_ids", self.complementary_ids).unwrap_or_default();
        let category_id = faults.unless_null("category_id", self.category_id);
        let mealtime_id = faults.unless_null("mealtime_id", self.mealtime_id);
        let groups = faults.unless_null("group_ids", self.group_ids).unwrap_or_default();
        let allergens = faults.unless_null("allergens", self.allergens);
        let contains_alcohol = faults.unless_null("contains_alcohol", self.contains_alcohol).unwrap_or_default();
        let contains_pork = faults.unless_null("contains_pork", self.contains_pork).unwrap_or_default();
        let position = faults.unless_null("position", self.position);
        let (Some(restaurant_id), Some(name), Some(price)) = (restaurant_id, name, price) else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        let parts = MealParts {
            name,
            description,
            price,
            image_url,
            cuisine,
            is_available,
            complements,
            category_id,
            mealtime_id,
            groups,
            allergens,
            contains_alcohol,
            contains_pork,
            position,
        };
        Ok((restaurant_id, parts))
    }
}

impl UpdateMeal {
    /// What is to change, and the restaurant that is named; or every fault.
    pub(super) fn change(self) -> Result<(Option<RestaurantId>, MealChange), Problem> {
        let mut faults = Faults::default();
        let restaurant_id = faults.unless_null("restaurant_id", self.restaurant_id);
        let change = MealChange {
            name: faults.unless_null("name", self.name),
            description: faults.change("description", self.description),
            price: faults.unless_null("price", self.price),
            image_url: faults.change("image_url", self.image_url),
            cuisine: faults.change("cuisine", self.cuisine),
            complements: faults.unless_null("complementary_ids", self.complementary_ids),
            category_id: faults.change("category_id", self.category_id),
            mealtime_id: faults.change("mealtime_id", self.mealtime_id),
            groups: faults.unless_null("group_ids", self.group_ids),
            allergens: faults.change("allergens", self.allergens),
            contains_alcohol: faults.unless_null("contains_alcohol", self.contains_alcohol),
            contains_pork: faults.unless_null("contains_pork", self.contains_pork),
            position: faults.unless_null("position", self.position),
        };
        faults.check()?;
        Ok((restaurant_id, change))
    }
}

impl UpdateAvailability {
    /// What is to hold, or every fault.
    pub(super) fn availability(self) -> Result<Availability, Problem> {
        let mut faults = Faults::default();
        let is_available = faults.required("is_available", self.is_available);
        let until = faults.unless_null("until", self.until);
        if is_available == Some(true) && until.is_some() {
            faults.add("until", "NOT_SOLD_OUT", NOT_SOLD_OUT);
        }
        faults.check()?;
        Ok(match (is_available, until) {
            (Some(true), _) => Availability::Available,
            (_, None) => Availability::Unavailable,
            (_, Some(until)) => Availability::SoldOut(until),
        })
    }
}

const NOT_SOLD_OUT: Text =
    Text::new("Tükenmemiş bir yemek geri gelmez.", "What is not sold out does not come back at a time.");
