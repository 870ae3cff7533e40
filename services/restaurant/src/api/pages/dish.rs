//! `/restoran/{ad-kimlik}/{ad-kimlik}`: a dish with all that can be chosen with it.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use contracts::{CatalogGroup, CatalogOption, Locale, MealId, RestaurantId};
use kit::Problem;
use web::{FormKey, MaybeSignedIn, Page, Reader, money};

use super::dish_row::{DishRow, Showing, description, dish_picture};
use super::opening::Opening;
use super::slug::{id_in, moved};
use super::{restaurant_path, words, writer};
use crate::actions;
use crate::error::{MenuPart, RestaurantError};
use crate::model::Allergens;
use crate::state::Restaurants;
use crate::store::menu::FullMeal;
use crate::store::restaurant::Restaurant;

/// So often an option can be ticked here at most.
const MOST_BOXES: u16 = 5;

#[derive(Template)]
#[template(path = "dish.html")]
struct Body {
    locale: Locale,
    id: MealId,
    restaurant: String,
    restaurant_path: String,
    opening: Opening,
    picture: String,
    description: Option<String>,
    price: String,
    /// Why it can't be ordered now.
    unavailable: Option<String>,
    groups: Vec<Group>,
    /// What some people may not eat.
    warnings: Vec<(&'static str, String)>,
    complements: Vec<DishRow>,
    key: FormKey,
}

/// What is chosen together.
struct Group {
    id: String,
    name: String,
    rule: String,
    /// Exactly one of them is chosen.
    is_radio: bool,
    boxes: Vec<OptionBox>,
}

/// An option, each time that it may be chosen.
struct OptionBox {
    id: String,
    text: String,
    is_available: bool,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    signed_in: MaybeSignedIn,
    segments: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let unknown = || RestaurantError::NoSuch(MenuPart::Meal);
    let Path((restaurant, dish)) = segments.map_err(|_| unknown())?;
    let (id, meal) = id_in(&restaurant).zip(id_in(&dish)).ok_or_else(unknown)?;
    let (found, menu) = actions::find_menu(&restaurants, RestaurantId(id), writer(&signed_in)).await?;
    let now = restaurants.context.now();
    let full = menu.meal(MealId(meal), found.time_zone, now).ok_or_else(unknown)?;
    let (restaurant_path, sources) = (restaurant_path(&found), &restaurants.context.sources);
    let showing = Showing { menu: &menu, restaurant_path: &restaurant_path, sources, now, locale: reader.locale };
    let path = showing.path(&full.meal);
    if path != format!("/restoran/{restaurant}/{dish}") {
        return Ok(moved(&path));
    }
    let body = Body::of(&found, &full, showing);
    Ok(Page::of(&reader, full.meal.name.as_str(), &body).into_response())
}

impl Body {
    fn of(restaurant: &Restaurant, full: &FullMeal, showing: Showing<'_>) -> Self {
        let (meal, locale) = (&full.meal, showing.locale);
        let groups = full.groups.iter().filter_map(|id| showing.menu.offer.groups.iter().find(|group| group.id == *id));
        let complements = showing.menu.complements_at(meal.id, restaurant.time_zone, showing.now);
        Self {
            locale,
            id: meal.id,
            restaurant: restaurant.name.as_str().to_owned(),
            restaurant_path: showing.restaurant_path.to_owned(),
            opening: Opening::at(showing.now, restaurant, locale),
            picture: dish_picture(meal),
            description: description(meal).map(str::to_owned),
            price: money::amount(meal.price_kurus.into(), locale),
            unavailable: showing.unavailable(full),
            groups: groups.map(|group| Group::of(group, locale)).collect(),
            warnings: warnings(full, locale),
            complements: complements.iter().map(|other| showing.row(other)).collect(),
            key: FormKey::new(showing.sources),
        }
    }
}

impl Group {
    fn of(group: &CatalogGroup, locale: Locale) -> Self {
        let most = group.max.unwrap_or(MOST_BOXES).min(MOST_BOXES);
        let times = |option: &CatalogOption| 1..=option.max_quantity.min(most).max(1);
        let boxes = group.options.iter().flat_map(|option| {
            times(option).map(|number| OptionBox {
                id: option.id.to_string(),
                text: words::option(&option.name, number, option.price_kurus, locale),
                is_available: option.is_available,
            })
        });
        Self {
            id: group.id.to_string(),
            name: group.name.clone(),
            rule: words::choices(group.min, group.max, locale),
            is_radio: (group.min, group.max) == (1, Some(1)),
            boxes: boxes.collect(),
        }
    }
}

/// Allergens where they are known, alcohol and pork where there are some.
fn warnings(full: &FullMeal, locale: Locale) -> Vec<(&'static str, String)> {
    let allergens = full.meal.allergens.map(|bits| {
        let named = Allergens(bits).each().map(|allergen| words::allergen(allergen, locale));
        let named = named.collect::<Vec<_>>().join(", ");
        if named.is_empty() { locale.say("Bilinen alerjen yok", "None").to_owned() } else { named }
    });
    let flags = [
        (full.meal.contains_alcohol, locale.say("alkol", "alcohol")),
        (full.meal.contains_pork, locale.say("domuz eti", "pork")),
    ];
    let contains =
        flags.into_iter().filter_map(|(is_there, name)| is_there.then_some(name)).collect::<Vec<_>>().join(", ");
    let warnings = [
        (locale.say("Alerjenler", "Allergens"), allergens),
        (locale.say("İçerir", "Contains"), (!contains.is_empty()).then_some(contains)),
    ];
    warnings.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}
