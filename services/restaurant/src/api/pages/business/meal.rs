//! `/isletme/{r}/menu/{meal}`: one dish of a menu, and a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use contracts::{Locale, MealId};
use kit::Problem;
use kit::idempotency::Answer;
use web::{Flash, Page, Reader, Typed};

use super::answer::{Done, answer, answer_change};
use super::asked::{OwnRestaurant, Part, new_key, request_of};
use super::frame::{DeleteQuestion, Tab, page as page_of};
use super::meal_form::{MealFields, meal_body, typed as typed_meal};
use super::menu::{sold_out_text, switch};
use super::words;
use crate::actions::{self, Addition};
use crate::api::meal_body::{CreateMeal, UpdateMeal};
use crate::error::{MenuPart, RestaurantError};
use crate::state::Restaurants;
use crate::store::menu::FullMeal;

#[derive(Template)]
#[template(path = "business/meal.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    fields: MealFields<'a>,
    action: String,
    back: String,
    kept: Kept,
}

/// Whether the meal is on the menu already.
enum Kept {
    /// Not yet; its form has this key.
    New(String),
    Already {
        sold_out: Option<String>,
    },
}

pub(super) async fn show_new(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    new_page(&restaurants, &reader, &own, &Typed::default()).await
}

pub(super) async fn create_meal(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    let created = create(&restaurants, &own, &typed).await.map(|id| saved(&own, id));
    answer(&reader, typed, created, async |form| new_page(&restaurants, &reader, &own, &form).await).await
}

async fn create(restaurants: &Restaurants, own: &OwnRestaurant, typed: &Typed) -> Result<MealId, Problem> {
    let body = meal_body(typed).value("restaurant_id", own.id().to_string());
    let (restaurant_id, parts) = body.read(CreateMeal::parts)?;
    let request = request_of(restaurants, own.writer, typed, &("meal", restaurant_id, &parts))?;
    let addition = Addition { writer: own.writer, restaurant_id, parts };
    let answer = actions::create_meal(restaurants, Some(request), addition, |full| Answer::created(full.meal.id));
    Ok(answer.await?.id()?)
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
) -> Result<Page, Problem> {
    let full = find(&restaurants, &own, id).await?;
    let current = typed_meal(&full, reader.locale);
    page(&restaurants, &reader, &own, (&full, &current.clone().marked_by(&current))).await
}

/// Changes what was typed. Done twice it is done once.
pub(super) async fn update_meal(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let full = find(&restaurants, &own, id).await?;
    let named = (id, Some(own.id()));
    let update = async |(_, change)| actions::update_meal(&restaurants, own.writer, named, change).await;
    let change =
        async |typed: &Typed| meal_body(typed).submit(UpdateMeal::change, update).await.map(|_| saved(&own, id));
    let show = async |form| page(&restaurants, &reader, &own, (&full, &form)).await;
    answer_change(&reader, typed, &typed_meal(&full, reader.locale), change, show).await
}

/// Switches it off, for the day or until it is switched on again. Done twice it is done once.
pub(super) async fn update_availability(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let flash = switch(&restaurants, &own, id, &typed).await?;
    Ok(Done { flash, path: own.path(&format!("/menu/{id}")) }.seen_by(&reader))
}

pub(super) async fn ask_to_delete(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let full = find(&restaurants, &own, id).await?;
    let question = DeleteQuestion {
        locale,
        question: words::delete_meal(full.meal.name.as_str(), locale),
        consequence: locale.say(
            "Bir süre olmayacaksa silmek yerine tükendi deyin. Silmek geri alınamaz.",
            "Where it is off for a while, say that it is sold out instead. Deleting can't be undone.",
        ),
        button: locale.say("Yemeği sil", "Delete the dish"),
        action: own.path(&format!("/menu/{id}/sil")),
        back: own.path(&format!("/menu/{id}")),
    };
    page_of(&reader, &own, (Tab::Menu, locale.say("Yemeği sil", "Delete the dish")), &question)
}

pub(super) async fn delete_meal(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
) -> Result<Response, Problem> {
    find(&restaurants, &own, id).await?;
    actions::delete_meal(&restaurants, own.writer, id).await?;
    Ok(Done { flash: Flash::MealDeleted, path: own.path("/menu") }.seen_by(&reader))
}

/// The meal, where it is on the menu of this restaurant.
async fn find(restaurants: &Restaurants, own: &OwnRestaurant, id: MealId) -> Result<FullMeal, RestaurantError> {
    let full = actions::find_meal(restaurants, id, Some(own.writer)).await?;
    if full.meal.restaurant_id == own.id() { Ok(full) } else { Err(RestaurantError::NoSuch(MenuPart::Meal)) }
}

fn saved(own: &OwnRestaurant, id: MealId) -> Done {
    Done { flash: Flash::MealSaved, path: own.path(&format!("/menu#{id}")) }
}

async fn new_page(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    form: &Typed,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let body = Body {
        locale,
        form,
        fields: MealFields::new(form, &menu, locale),
        action: own.path("/menu/yeni"),
        back: own.path("/menu"),
        kept: Kept::New(new_key(&restaurants.context.sources)),
    };
    page_of(reader, own, (Tab::Menu, locale.say("Yeni yemek", "New dish")), &body)
}

async fn page(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (full, form): (&FullMeal, &Typed),
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let body = Body {
        locale,
        form,
        fields: MealFields::new(form, &menu, locale),
        action: own.path(&format!("/menu/{}", full.meal.id)),
        back: own.path("/menu"),
        kept: Kept::Already { sold_out: sold_out_text(full, locale) },
    };
    page_of(reader, own, (Tab::Menu, full.meal.name.as_str()), &body)
}
