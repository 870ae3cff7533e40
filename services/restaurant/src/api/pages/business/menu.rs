//! `/isletme/{r}/menu`: the menu of a restaurant, what is sold out, and its order.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use contracts::{CatalogGroup, CategoryId, Locale, MealId, OptionGroupId};
use kit::Problem;
use web::{Flash, Page, Reader, Typed, dates, money};

use super::answer::Done;
use super::asked::{OwnRestaurant, new_key, sent_id};
use super::frame::{Tab, page as page_of};
use super::words;
use crate::actions::{self, Move};
use crate::error::{MenuPart, RestaurantError};
use crate::model::{Availability, SoldOutUntil};
use crate::state::Restaurants;
use crate::store::menu::FullMeal;

#[derive(Template)]
#[template(path = "business/menu.html")]
struct Body {
    locale: Locale,
    root: String,
    key: String,
    sections: Vec<Section>,
    groups: Vec<GroupRow>,
}

/// A heading with its meals; without one those that have none.
struct Section {
    heading: Option<Heading>,
    meals: Vec<MealRow>,
}

struct Heading {
    id: CategoryId,
    name: String,
    above: Option<CategoryId>,
    below: Option<CategoryId>,
}

struct MealRow {
    id: MealId,
    name: String,
    price: String,
    /// What it says where it can't be had.
    sold_out: Option<String>,
    above: Option<MealId>,
    below: Option<MealId>,
}

struct GroupRow {
    id: OptionGroupId,
    name: String,
    choices: String,
    options: String,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    page(&restaurants, &reader, &own).await
}

/// Switches a meal of the menu off for the day, or on. Done twice it is done once.
pub(super) async fn update_availability(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = sent_id(&typed, "meal_id")?;
    let flash = switch(&restaurants, &own, id, &typed).await?;
    Ok(Done { flash, path: own.path(&format!("/menu#{id}")) }.seen_by(&reader))
}

/// Moves a meal in front of another. Done twice it is done once.
pub(super) async fn move_meal(
    State(restaurants): State<Arc<Restaurants>>,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Redirect, Problem> {
    let moved: MealId = sent_id(&typed, "meal_id")?;
    let before = sent_id(&typed, "onune")?;
    actions::move_meal(&restaurants, own.writer, own.id(), Move { moved, before }).await?;
    Ok(Redirect::to(&own.path(&format!("/menu#{moved}"))))
}

/// Does what the button in `durum` says of the meal, which has to be of this menu.
pub(super) async fn switch(
    restaurants: &Restaurants,
    own: &OwnRestaurant,
    id: MealId,
    typed: &Typed,
) -> Result<Flash, RestaurantError> {
    let (availability, flash) = match typed.value("durum") {
        "var" => (Availability::Available, Flash::MealAvailable),
        "yok" => (Availability::Unavailable, Flash::MealSoldOut),
        _ => (Availability::SoldOut(SoldOutUntil::EndOfDay), Flash::MealSoldOut),
    };
    let meal = actions::find_meal(restaurants, id, Some(own.writer)).await?;
    if meal.meal.restaurant_id != own.id() {
        return Err(RestaurantError::NoSuch(MenuPart::Meal));
    }
    actions::update_availability(restaurants, own.writer, id, availability).await?;
    Ok(flash)
}

/// What a chip says of a meal that can't be had.
pub(super) fn sold_out_text(meal: &FullMeal, locale: Locale) -> Option<String> {
    let forever = || locale.say("Tükendi", "Sold out").to_owned();
    let until = meal.meal.sold_out_until.map(|until| words::sold_out_until(&dates::date_time(until, locale), locale));
    (!meal.is_available).then(|| until.unwrap_or_else(forever))
}

async fn page(restaurants: &Restaurants, reader: &Reader, own: &OwnRestaurant) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (restaurant, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let mut meals_of: HashMap<Option<CategoryId>, Vec<FullMeal>> = HashMap::new();
    for full in menu.meals_at(restaurant.time_zone, restaurants.context.now()) {
        meals_of.entry(full.meal.category_id).or_default().push(full);
    }
    let ids: Vec<CategoryId> = menu.categories.iter().map(|category| category.id).collect();
    let mut sections: Vec<Section> = Vec::new();
    for (place, category) in menu.categories.iter().enumerate() {
        let (above, below) = around(&ids, place);
        let heading = Heading { id: category.id, name: category.name.as_str().to_owned(), above, below };
        let meals = meals_of.remove(&Some(category.id)).unwrap_or_default();
        sections.push(Section { heading: Some(heading), meals: rows(&meals, locale) });
    }
    if let Some(meals) = meals_of.remove(&None) {
        sections.push(Section { heading: None, meals: rows(&meals, locale) });
    }
    let body = Body {
        locale,
        root: own.path(""),
        key: new_key(&restaurants.context.sources),
        sections,
        groups: menu.offer.groups.iter().map(|group| group_row(group, locale)).collect(),
    };
    page_of(reader, own, (Tab::Menu, locale.say("Menü", "Menu")), &body)
}

fn rows(meals: &[FullMeal], locale: Locale) -> Vec<MealRow> {
    let ids: Vec<MealId> = meals.iter().map(|full| full.meal.id).collect();
    let row = |(place, full): (usize, &FullMeal)| {
        let (above, below) = around(&ids, place);
        MealRow {
            id: full.meal.id,
            name: full.meal.name.as_str().to_owned(),
            price: money::amount(full.meal.price_kurus.into(), locale),
            sold_out: sold_out_text(full, locale),
            above,
            below,
        }
    };
    meals.iter().enumerate().map(row).collect()
}

fn group_row(group: &CatalogGroup, locale: Locale) -> GroupRow {
    GroupRow {
        id: group.id,
        name: group.name.clone(),
        choices: words::choices(group.min, group.max, locale),
        options: words::options(group.options.len(), locale),
    }
}

/// What stands right above and right below a place.
fn around<I: Copy>(ids: &[I], place: usize) -> (Option<I>, Option<I>) {
    let above = place.checked_sub(1).and_then(|above| ids.get(above)).copied();
    (above, ids.get(place + 1).copied())
}
