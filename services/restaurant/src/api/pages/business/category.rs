//! `/isletme/{r}/bolumler`: the headings of a menu.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{CategoryId, Locale};
use kit::Problem;
use kit::idempotency::{Answer, Key, Request};
use web::{Flash, Page, Reader, Typed, set_cookies};

use super::SCOPE;
use super::asked::{OwnRestaurant, Part, PartId, new_key, sent_id, sent_key};
use super::create::Created;
use super::form_body::FormBody;
use super::frame::{DeleteQuestion, Tab, page as page_of};
use super::words;
use crate::actions::{self, Addition, Move};
use crate::api::menu_parts::WriteCategory;
use crate::state::Restaurants;

#[derive(Template)]
#[template(path = "business/category.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    key: Option<String>,
    action: String,
    delete: Option<String>,
    back: String,
}

/// Which heading a form is of.
#[derive(Clone, Copy)]
enum Heading {
    New,
    Of(CategoryId),
}

pub(super) async fn show_new(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    page(&restaurants, &reader, &own, (Heading::New, &Typed::default()))
}

pub(super) async fn create_category(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    match create(&restaurants, &own, reader.locale, &typed).await {
        Ok(()) => Ok(saved(&reader, &own)),
        Err(problem) => refused(&restaurants, &reader, &own, (Heading::New, typed), &problem),
    }
}

async fn create(restaurants: &Restaurants, own: &OwnRestaurant, locale: Locale, typed: &Typed) -> Result<(), Problem> {
    let parts = FormBody::of(typed).text("name").read(WriteCategory::parts)?;
    let key = sent_key(typed)?;
    let asked = ("category", own.id(), &parts);
    let vault = restaurants.context.database.vault();
    let request = Request::new(vault, SCOPE, (own.writer.user_id, Key::Sent(&key)), &asked);
    let addition = Addition { writer: own.writer, restaurant_id: own.id(), parts };
    let answer = actions::create_category(restaurants, Some(request), addition, |category| {
        Answer::json(StatusCode::CREATED, locale, &Created { id: category.id })
    });
    answer.await?;
    Ok(())
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
) -> Result<Page, Problem> {
    let name = name_of(&restaurants, &own, id).await?;
    page(&restaurants, &reader, &own, (Heading::Of(id), &Typed::beginning([("name", name.as_str())])))
}

/// Renames it. Done twice it is done once.
pub(super) async fn update_category(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let changed = match FormBody::of(&typed).text("name").read(WriteCategory::change) {
        Ok(change) => {
            actions::update_category(&restaurants, own.writer, (own.id(), id), change).await.map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(_) => Ok(saved(&reader, &own)),
        Err(problem) => refused(&restaurants, &reader, &own, (Heading::Of(id), typed), &problem),
    }
}

/// Moves it in front of another. Done twice it is done once.
pub(super) async fn move_category(
    State(restaurants): State<Arc<Restaurants>>,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Redirect, Problem> {
    let moved: CategoryId = sent_id(&typed, "category_id")?;
    let before = sent_id(&typed, "onune")?;
    actions::move_category(&restaurants, own.writer, own.id(), Move { moved, before }).await?;
    Ok(Redirect::to(&own.path(&format!("/menu#{moved}"))))
}

pub(super) async fn ask_to_delete(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let question = DeleteQuestion {
        locale,
        question: words::delete_category(&name_of(&restaurants, &own, id).await?, locale),
        consequence: locale.say("Yemekleri menüde bölümsüz kalır.", "Its dishes stay on the menu, without a section."),
        button: locale.say("Bölümü sil", "Delete the section"),
        action: own.path(&format!("/bolumler/{id}/sil")),
        back: own.path("/menu"),
    };
    page_of(&reader, &own, (Tab::Menu, locale.say("Bölümü sil", "Delete the section")), &question)
}

pub(super) async fn delete_category(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
) -> Result<Response, Problem> {
    actions::delete_category(&restaurants, own.writer, (own.id(), id)).await?;
    Ok(saved(&reader, &own))
}

async fn name_of(restaurants: &Restaurants, own: &OwnRestaurant, id: CategoryId) -> Result<String, Problem> {
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let found = menu.categories.iter().find(|category| category.id == id);
    found.map(|category| category.name.as_str().to_owned()).ok_or_else(|| CategoryId::unknown().into())
}

fn saved(reader: &Reader, own: &OwnRestaurant) -> Response {
    (set_cookies([reader.will_hear(Flash::MenuSaved)]), Redirect::to(&own.path("/menu"))).into_response()
}

fn refused(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (heading, typed): (Heading, Typed),
    problem: &Problem,
) -> Result<Response, Problem> {
    let typed = typed.refused(problem, reader.locale);
    Ok(page(restaurants, reader, own, (heading, &typed))?.refused(problem).into_response())
}

fn page(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (heading, form): (Heading, &Typed),
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let back = own.path("/menu");
    let (title, body) = match heading {
        Heading::New => {
            let key = Some(new_key(&restaurants.context.sources));
            let body = Body { locale, form, key, action: own.path("/bolumler"), delete: None, back };
            (locale.say("Yeni bölüm", "New section"), body)
        }
        Heading::Of(id) => {
            let action = own.path(&format!("/bolumler/{id}"));
            let body = Body { locale, form, key: None, delete: Some(format!("{action}/sil")), action, back };
            (locale.say("Bölüm", "Section"), body)
        }
    };
    page_of(reader, own, (Tab::Menu, title), &body)
}
