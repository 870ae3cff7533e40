//! What a restaurant offers, as other services know it: what they need to price an order, and no texts or pictures beyond.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::kurus;
use crate::{FOOD_VAT_BP, MealId, MealtimeId, Money, OpeningHours, OptionGroupId, OptionId};

/// What can be ordered from a restaurant. Events of before there were menus have none of these fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CatalogMenu {
    /// Its meals, in the order of its menu.
    #[serde(default)]
    pub meals: Vec<CatalogMeal>,
    /// When those are served that are not served all day.
    #[serde(default)]
    pub mealtimes: Vec<CatalogMealtime>,
    /// What is chosen with meals.
    #[serde(default)]
    pub groups: Vec<CatalogGroup>,
}

/// A meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogMeal {
    /// Its id, which no other meal has.
    pub id: MealId,
    /// Its name.
    pub name: String,
    /// What it costs without options.
    #[serde(with = "kurus")]
    #[schemars(with = "u64")]
    pub price_kurus: Money,
    /// Whether it can be had. Where not, it may come back by itself at `sold_out_until`.
    pub is_available: bool,
    /// When it can be had again without anybody saying so.
    pub sold_out_until: Option<DateTime<Utc>>,
    /// When it is served; all day when `null`.
    pub mealtime_id: Option<MealtimeId>,
    /// What is chosen with it.
    pub group_ids: Vec<OptionGroupId>,
    /// The tax within its price, in hundredths of a percent.
    #[serde(default = "food_vat_bp")]
    pub vat_bp: u16,
}

fn food_vat_bp() -> u16 {
    FOOD_VAT_BP
}

/// A time of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogMealtime {
    /// Its id.
    pub id: MealtimeId,
    /// Its name.
    pub name: String,
    /// One interval on each of its days, by the clocks of the restaurant.
    pub hours: OpeningHours,
}

/// Options that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogGroup {
    /// Its id.
    pub id: OptionGroupId,
    /// Its name.
    pub name: String,
    /// So many choices must be made, each counted as often as it is wanted.
    pub min: u16,
    /// So many may be made; without limit when `null`.
    pub max: Option<u16>,
    /// What there is to choose from, in its order.
    pub options: Vec<CatalogOption>,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogOption {
    /// Its id, which no other option has.
    pub id: OptionId,
    /// Its name.
    pub name: String,
    /// What it adds to the price, each time that it is wanted.
    #[serde(with = "kurus")]
    #[schemars(with = "u64")]
    pub price_kurus: Money,
    /// It may be wanted so often with one meal.
    pub max_quantity: u16,
    /// Whether it can be had.
    pub is_available: bool,
}
