//! What a menu is made of beside meals, in the shapes in which it is sent and answered.

use contracts::{CatalogGroup, CategoryId, MealtimeId, Money, OpeningHours, OptionGroupId, OptionId};
use kit::{Faults, Field, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions::Switch;
use crate::model::{
    CategoryChange, CategoryParts, Choices, GroupChange, GroupOptions, GroupParts, MealtimeChange, MealtimeHours,
    MealtimeParts, MenuName, Position,
};
use crate::store::category::Category;
use crate::store::mealtime::Mealtime;

/// A heading of a menu, to be written down or changed; a change leaves what is left out.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct WriteCategory {
    /// 1 to 128 characters; a new one needs it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Kebaplar")]
    name: Field<MenuName>,
    /// Where it stands on the menu; a new one behind all others when left out.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 10_000)]
    position: Field<Position>,
}

/// A mealtime, to be written down or changed; a change leaves what is left out.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct WriteMealtime {
    /// 1 to 128 characters; a new one needs it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Kahvaltı")]
    name: Field<MenuName>,
    /// When its meals are served, as opening hours are written, on one day at least; a new one needs it.
    #[serde(default)]
    #[schema(value_type = Option<OpeningHours>)]
    hours: Field<MealtimeHours>,
}

/// A group of options, to be written down or changed; a change leaves what is left out.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct WriteGroup {
    /// 1 to 128 characters; a new one needs it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, example = "Acı")]
    name: Field<MenuName>,
    /// So many choices must be made, each counted as often as it is wanted; 0 in a new one that does not say.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 99)]
    min: Field<Choices>,
    /// So many may be made; without limit when `null`.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 99)]
    max: Field<Choices>,
    /// Where it stands among groups; a new one behind all others when left out.
    #[serde(default)]
    #[schema(value_type = Option<u16>, maximum = 10_000)]
    position: Field<Position>,
    /// All that can be chosen, in its order, 30 at most. They take the place of those before; one with the id of one before is
    /// that one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<WriteOption>>, max_items = 30)]
    options: Field<GroupOptions>,
}

/// What can be chosen.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes what GroupOptions reads")]
pub(super) struct WriteOption {
    /// That of an option of the group.
    id: Option<OptionId>,
    /// 1 to 128 characters.
    #[schema(min_length = 1, max_length = 128, example = "Acılı")]
    name: String,
    /// What it adds each time that it is wanted; 0 when left out.
    #[schema(minimum = 0, maximum = 100_000)]
    price: Option<f64>,
    /// It may be wanted so often with one meal; once when left out.
    #[schema(minimum = 1, maximum = 99)]
    max_quantity: Option<u16>,
    /// Whether it can be had; so it is when left out.
    is_available: Option<bool>,
}

/// Whether an option can be had.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateOptionAvailability {
    /// Whether it can.
    #[serde(default)]
    #[schema(required, value_type = bool)]
    is_available: Field<bool>,
}

/// A heading of a menu.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuCategory)]
pub(super) struct CategoryBody {
    id: CategoryId,
    #[schema(value_type = String)]
    name: MenuName,
    position: i16,
}

/// When meals are served that are not served all day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mealtime)]
pub(super) struct MealtimeBody {
    id: MealtimeId,
    name: String,
    hours: OpeningHours,
}

/// Options that belong together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OptionGroup)]
pub(super) struct GroupBody {
    id: OptionGroupId,
    name: String,
    /// So many choices must be made.
    min: u16,
    /// So many may be made; without limit when `null`.
    max: Option<u16>,
    options: Vec<OptionBody>,
}

/// What can be chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuOption)]
pub(super) struct OptionBody {
    id: OptionId,
    name: String,
    /// What it adds each time that it is wanted.
    price: Money,
    /// It may be wanted so often with one meal.
    max_quantity: u16,
    is_available: bool,
}

impl From<Category> for CategoryBody {
    fn from(Category { id, name, position, .. }: Category) -> Self {
        Self { id, name, position }
    }
}

impl From<Mealtime> for MealtimeBody {
    fn from(Mealtime { id, name, hours, .. }: Mealtime) -> Self {
        Self { id, name: name.into(), hours }
    }
}

impl From<contracts::CatalogMealtime> for MealtimeBody {
    fn from(contracts::CatalogMealtime { id, name, hours }: contracts::CatalogMealtime) -> Self {
        Self { id, name, hours }
    }
}

impl From<CatalogGroup> for GroupBody {
    fn from(CatalogGroup { id, name, min, max, options }: CatalogGroup) -> Self {
        let options = options.into_iter().map(|option| OptionBody {
            id: option.id,
            name: option.name,
            price: option.price_kurus,
            max_quantity: option.max_quantity,
            is_available: option.is_available,
        });
        Self { id, name, min, max, options: options.collect() }
    }
}

impl WriteCategory {
    /// All fields of a new one, or every fault.
    pub(super) fn parts(self) -> Result<CategoryParts, Problem> {
        let mut faults = Faults::default();
        let position = faults.unless_null("position", self.position);
        let Some(name) = faults.required("name", self.name) else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        Ok(CategoryParts { name, position })
    }

    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<CategoryChange, Problem> {
        let mut faults = Faults::default();
        let change = CategoryChange {
            name: faults.unless_null("name", self.name),
            position: faults.unless_null("position", self.position),
        };
        faults.check()?;
        Ok(change)
    }
}

impl WriteMealtime {
    /// All fields of a new one, or every fault.
    pub(super) fn parts(self) -> Result<MealtimeParts, Problem> {
        let (name, hours) = kit::required_fields!(self => name, hours)?;
        Ok(MealtimeParts { name, hours })
    }

    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<MealtimeChange, Problem> {
        let mut faults = Faults::default();
        let change = MealtimeChange {
            name: faults.unless_null("name", self.name),
            hours: faults.unless_null("hours", self.hours),
        };
        faults.check()?;
        Ok(change)
    }
}

impl WriteGroup {
    /// All fields of a new one, or every fault.
    pub(super) fn parts(self) -> Result<GroupParts, Problem> {
        let mut faults = Faults::default();
        let name = faults.required("name", self.name);
        let min = faults.unless_null("min", self.min).unwrap_or_default();
        let max = faults.unless_null("max", self.max);
        let position = faults.unless_null("position", self.position);
        let options = faults.unless_null("options", self.options).unwrap_or_default();
        let Some(name) = name else {
            return Err(faults.check().expect_err("a field that is missing left a fault"));
        };
        faults.check()?;
        Ok(GroupParts { name, min, max, position, options })
    }

    /// What is to change, or every fault.
    pub(super) fn change(self) -> Result<GroupChange, Problem> {
        let mut faults = Faults::default();
        let change = GroupChange {
            name: faults.unless_null("name", self.name),
            min: faults.unless_null("min", self.min),
            max: faults.change("max", self.max),
            position: faults.unless_null("position", self.position),
            options: faults.unless_null("options", self.options),
        };
        faults.check()?;
        Ok(change)
    }
}

impl UpdateOptionAvailability {
    /// Whether it can be had, or the fault.
    pub(super) fn switch(self) -> Result<Switch, Problem> {
        let is_available = kit::required_fields!(self => is_available)?;
        Ok(if is_available { Switch::On } else { Switch::Off })
    }
}
