//! `/isletme/{r}/bolumler`: the headings of a menu.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use contracts::{CategoryId, Locale};
use kit::Problem;
use kit::idempotency::Answer;
use web::{Flash, Page, Reader, Typed};

use super::answer::{Done, answer, answer_change};
use super::asked::{OwnRestaurant, Part, PartId, new_key, request_of, sent_id};
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
    let created = create(&restaurants, &own, &typed).await.map(|()| saved(&own));
    answer(&reader, typed, created, async |form| page(&restaurants, &reader, &own, (Heading::New, &form))).await
}

async fn create(restaurants: &Restaurants, own: &OwnRestaurant, typed: &Typed) -> Result<(), Problem> {
    let parts = FormBody::of(typed).text("name").read(WriteCategory::parts)?;
    let request = request_of(restaurants, own.writer, typed, &("category", own.id(), &parts))?;
    let addition = Addition { writer: own.writer, restaurant_id: own.id(), parts };
    actions::create_category(restaurants, Some(request), addition, |category| Answer::created(category.id)).await?;
    Ok(())
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
) -> Result<Page, Problem> {
    let current = typed_category(&restaurants, &own, id).await?;
    page(&restaurants, &reader, &own, (Heading::Of(id), &current.clone().marked_by(&current)))
}

/// Renames it. Done twice it is done once.
pub(super) async fn update_category(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CategoryId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let update = async |change| actions::update_category(&restaurants, own.writer, (own.id(), id), change).await;
    let change = async |typed: &Typed| {
        FormBody::of(typed).text("name").submit(WriteCategory::change, update).await.map(|_| saved(&own))
    };
    let current = typed_category(&restaurants, &own, id).await?;
    let show = async |form| page(&restaurants, &reader, &own, (Heading::Of(id), &form));
    answer_change(&reader, typed, &current, change, show).await
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
    Ok(saved(&own).seen_by(&reader))
}

async fn name_of(restaurants: &Restaurants, own: &OwnRestaurant, id: CategoryId) -> Result<String, Problem> {
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let found = menu.categories.iter().find(|category| category.id == id);
    found.map(|category| category.name.as_str().to_owned()).ok_or_else(|| CategoryId::unknown().into())
}

/// The form as its name fills it in.
async fn typed_category(restaurants: &Restaurants, own: &OwnRestaurant, id: CategoryId) -> Result<Typed, Problem> {
    Ok(Typed::beginning([("name", &*name_of(restaurants, own, id).await?)]))
}

fn saved(own: &OwnRestaurant) -> Done {
    Done { flash: Flash::MenuSaved, path: own.path("/menu") }
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
