//! The form of a meal: what of the menu can be chosen in it, and what it sends.

use askama::Template;
use contracts::{Locale, OptionGroupId};
use serde_json::Value;
use web::{Select, Typed, money};

use super::form_body::FormBody;
use crate::store::meal::Meal;
use crate::store::menu::{FullMeal, Menu};

/// In front of the id of a group, in the name of its box.
const GROUP: &str = "grup-";

#[derive(Template)]
#[template(path = "business/meal_fields.html")]
pub(super) struct MealFields<'a> {
    locale: Locale,
    form: &'a Typed,
    /// Value and name of each.
    categories: Vec<(String, &'a str)>,
    mealtimes: Vec<(String, &'a str)>,
    groups: Vec<GroupBox<'a>>,
}

struct GroupBox<'a> {
    field: String,
    name: &'a str,
    is_ticked: bool,
}

impl<'a> MealFields<'a> {
    /// Those of `form`, with what `menu` has. The groups of the meal stand first, in its order, which a form that is sent keeps.
    pub(super) fn new(form: &'a Typed, menu: &'a Menu, locale: Locale) -> Self {
        let categories = menu.categories.iter().map(|category| (category.id.to_string(), category.name.as_str()));
        let mealtimes = menu.offer.mealtimes.iter().map(|mealtime| (mealtime.id.to_string(), mealtime.name.as_str()));
        let ticked: Vec<String> = form.fields().iter().map(|(name, _)| name.clone()).collect();
        let group = |group: &'a contracts::CatalogGroup| {
            let field = format!("{GROUP}{}", group.id);
            GroupBox { is_ticked: form.has(&field), name: &group.name, field }
        };
        let mut groups: Vec<GroupBox<'_>> = menu.offer.groups.iter().map(group).collect();
        groups.sort_by_key(|group| ticked.iter().position(|name| *name == group.field).unwrap_or(usize::MAX));
        Self { locale, form, categories: categories.collect(), mealtimes: mealtimes.collect(), groups }
    }

    fn category(&self) -> Select<'_> {
        let none = (String::new(), self.locale.say("Bölümsüz", "Without a section"));
        let label = self.locale.say("Bölüm", "Section");
        self.form.select("category_id", label).optional().options([none]).options(self.categories.clone())
    }

    fn mealtime(&self) -> Select<'_> {
        let none = (String::new(), self.locale.say("Bütün gün", "All day"));
        let label = self.locale.say("Öğün", "Mealtime");
        self.form.select("mealtime_id", label).optional().options([none]).options(self.mealtimes.clone())
    }
}

/// The meal of a form, as the API takes it. What the form has no field for stays as it is.
pub(super) fn meal_body(typed: &Typed) -> FormBody<'_> {
    let groups = typed.fields().iter().filter_map(|(name, _)| name.strip_prefix(GROUP));
    FormBody::of(typed)
        .text("name")
        .optional_text("description")
        .money("price")
        .optional_text("category_id")
        .optional_text("mealtime_id")
        .optional_text("cuisine")
        .value("group_ids", groups.map(Value::from).collect::<Value>())
        .flag("contains_alcohol")
        .flag("contains_pork")
}

/// The form as the meal fills it in.
pub(super) fn typed(full: &FullMeal, locale: Locale) -> Typed {
    let FullMeal { meal, groups, .. } = full;
    let Meal { name, description, category_id, mealtime_id, cuisine, .. } = meal;
    let texts = [
        ("name", name.as_str().to_owned()),
        ("description", description.as_ref().map_or(String::new(), |description| description.as_str().to_owned())),
        ("price", money::editable(meal.price_kurus.into(), locale)),
        ("category_id", category_id.map(|id| id.to_string()).unwrap_or_default()),
        ("mealtime_id", mealtime_id.map(|id| id.to_string()).unwrap_or_default()),
        ("cuisine", cuisine.as_ref().map_or(String::new(), |cuisine| cuisine.as_str().to_owned())),
    ];
    let flags = [("contains_alcohol", meal.contains_alcohol), ("contains_pork", meal.contains_pork)];
    let ticked = flags.into_iter().filter(|(_, is_ticked)| *is_ticked).map(|(name, _)| (name, "1".to_owned()));
    let fields = texts.into_iter().chain(ticked).map(|(name, value)| (name.to_owned(), value));
    let group = |id: &OptionGroupId| (format!("{GROUP}{id}"), "1".to_owned());
    fields.chain(groups.iter().map(group)).collect()
}
