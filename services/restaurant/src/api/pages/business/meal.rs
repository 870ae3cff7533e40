//! `/isletme/{r}/menu/{meal}`: one dish of a menu, and a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, MealId};
use kit::Problem;
use kit::idempotency::{Answer, Key, Request};
use web::{Flash, Page, Reader, Typed, set_cookies};

use super::SCOPE;
use super::asked::{OwnRestaurant, Part, new_key, sent_key};
use super::create::{Created, created};
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
    match create(&restaurants, &own, reader.locale, &typed).await {
        Ok(id) => Ok(done(&reader, Flash::MealSaved, &own.path(&format!("/menu#{id}")))),
        Err(problem) => {
            let page = new_page(&restaurants, &reader, &own, &typed.refused(&problem, reader.locale)).await?;
            Ok(page.refused(&problem).into_response())
        }
    }
}

async fn create(
    restaurants: &Restaurants,
    own: &OwnRestaurant,
    locale: Locale,
    typed: &Typed,
) -> Result<MealId, Problem> {
    let body = meal_body(typed).value("restaurant_id", own.id().to_string());
    let (restaurant_id, parts) = body.read(CreateMeal::parts)?;
    let key = sent_key(typed)?;
    let asked = ("meal", restaurant_id, &parts);
    let vault = restaurants.context.database.vault();
    let request = Request::new(vault, SCOPE, (own.writer.user_id, Key::Sent(&key)), &asked);
    let addition = Addition { writer: own.writer, restaurant_id, parts };
    let answer = actions::create_meal(restaurants, Some(request), addition, |full| {
        Answer::json(StatusCode::CREATED, locale, &Created { id: full.meal.id })
    });
    created(&answer.await?)
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<MealId>,
) -> Result<Page, Problem> {
    let full = find(&restaurants, &own, id).await?;
    page(&restaurants, &reader, &own, (&full, &typed_meal(&full, reader.locale))).await
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
    let changed = match meal_body(&typed).read(UpdateMeal::change) {
        Ok((_, change)) => {
            let named = (id, Some(own.id()));
            actions::update_meal(&restaurants, own.writer, named, change).await.map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(done(&reader, Flash::MealSaved, &own.path(&format!("/menu#{id}")))),
        Err(problem) => {
            let typed = typed.refused(&problem, reader.locale);
            Ok(page(&restaurants, &reader, &own, (&full, &typed)).await?.refused(&problem).into_response())
        }
    }
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
    Ok(done(&reader, flash, &own.path(&format!("/menu/{id}"))))
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
    Ok(done(&reader, Flash::MealDeleted, &own.path("/menu")))
}

/// The meal, where it is on the menu of this restaurant.
async fn find(restaurants: &Restaurants, own: &OwnRestaurant, id: MealId) -> Result<FullMeal, RestaurantError> {
    let full = actions::find_meal(restaurants, id, Some(own.writer)).await?;
    if full.meal.restaurant_id == own.id() { Ok(full) } else { Err(RestaurantError::NoSuch(MenuPart::Meal)) }
}

fn done(reader: &Reader, flash: Flash, path: &str) -> Response {
    (set_cookies([reader.will_hear(flash)]), Redirect::to(path)).into_response()
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
