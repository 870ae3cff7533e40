//! A dish among others, with what it takes to order it.

use clock::{Sources, Timestamp};
use contracts::{Locale, OptionGroupId};
use web::{FormKey, dates, money};

use super::picture::picture;
use super::slug::slug;
use super::words;
use crate::model::{Description, MealCuisine};
use crate::store::meal::Meal;
use crate::store::menu::{FullMeal, Menu};

/// Letters of a description among others; the page of the dish has all of it.
const SHORT: usize = 80;

/// A dish among others.
pub(super) struct DishRow {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) picture: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) price: String,
    pub(super) order: DishOrder,
}

/// How it can be ordered.
pub(super) enum DishOrder {
    /// At once, by a form with this hidden key.
    Add(String),
    /// Something has to be chosen with it first.
    Choose,
    /// Not now; why.
    Unavailable(String),
}

/// At which instant dishes are shown, and to whom.
#[derive(Clone, Copy)]
pub(super) struct Showing<'a> {
    pub(super) menu: &'a Menu,
    pub(super) restaurant_path: &'a str,
    pub(super) sources: &'a Sources,
    pub(super) now: Timestamp,
    pub(super) locale: Locale,
}

impl Showing<'_> {
    pub(super) fn row(self, full: &FullMeal) -> DishRow {
        let meal = &full.meal;
        let order = match self.unavailable(full) {
            Some(reason) => DishOrder::Unavailable(reason),
            None if self.needs_choice(&full.groups) => DishOrder::Choose,
            None => DishOrder::Add(FormKey::new(self.sources).field()),
        };
        DishRow {
            id: meal.id.to_string(),
            path: self.path(meal),
            picture: dish_picture(meal),
            name: meal.name.as_str().to_owned(),
            description: meal.description.as_ref().map(|text| shortened(text.as_str())),
            price: money::amount(meal.price_kurus.into(), self.locale),
            order,
        }
    }

    /// Where the page of the dish stands.
    pub(super) fn path(self, meal: &Meal) -> String {
        format!("{}/{}", self.restaurant_path, slug(meal.name.as_str(), meal.id.0))
    }

    /// Why the dish can't be ordered now; `None` where it can.
    pub(super) fn unavailable(self, full: &FullMeal) -> Option<String> {
        if full.can_be_ordered {
            return None;
        }
        if full.is_available {
            let mealtimes = &self.menu.offer.mealtimes;
            let mealtime = mealtimes.iter().find(|mealtime| Some(mealtime.id) == full.meal.mealtime_id);
            return Some(words::not_served_now(mealtime.map(|mealtime| mealtime.name.as_str()), self.locale));
        }
        let back = full.meal.sold_out_until.filter(|until| *until > self.now);
        let back = back.map(|until| dates::date_time(until, self.locale));
        Some(words::sold_out(back.as_deref(), self.locale))
    }

    fn needs_choice(self, groups: &[OptionGroupId]) -> bool {
        self.menu.offer.groups.iter().any(|group| group.min > 0 && groups.contains(&group.id))
    }
}

pub(super) fn dish_picture(meal: &Meal) -> String {
    picture([meal.name.as_str()].into_iter().chain(meal.cuisine.as_ref().map(MealCuisine::as_str)), meal.id.0)
}

/// The beginning of a text, up to the end of a word.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(SHORT) else { return text.to_owned() };
    let beginning = &text[..end];
    let words = beginning.rsplit_once(char::is_whitespace).map_or(beginning, |(words, _)| words);
    format!("{words}…")
}

/// What is said of a dish in full.
pub(super) fn description(meal: &Meal) -> Option<&str> {
    meal.description.as_ref().map(Description::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_with_a_word() {
        let long = "közlenmiş ".repeat(20);

        assert_eq!(shortened("közde, bulgur pilavı"), "közde, bulgur pilavı");
        assert_eq!(shortened(&long), format!("{}…", "közlenmiş ".repeat(8).trim_end()));
        assert_eq!(shortened(&"ş".repeat(200)).chars().count(), SHORT + 1);
    }
}
