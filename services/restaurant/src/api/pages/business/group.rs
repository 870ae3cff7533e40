//! `/isletme/{r}/secenekler`: groups of options, from which something is chosen with dishes.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use contracts::{CatalogGroup, CatalogOption, Locale, OptionGroupId};
use kit::Problem;
use kit::idempotency::Answer;
use web::{Flash, Page, Reader, Typed, money};

use super::answer::{Done, answer, answer_change};
use super::asked::{OwnRestaurant, Part, PartId, new_key, request_of};
use super::form_body::{FormBody, FormRow};
use super::frame::{DeleteQuestion, Tab, page as page_of};
use super::words;
use crate::actions::{self, Addition};
use crate::api::menu_parts::WriteGroup;
use crate::state::Restaurants;

/// Rows below the options of a group, for new ones.
const EMPTY_ROWS: usize = 3;
/// The API takes no more of them.
const MOST_ROWS: usize = 30;

#[derive(Template)]
#[template(path = "business/group.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    rows: Vec<OptionRow>,
    action: String,
    back: String,
    /// That of a new one.
    key: Option<String>,
}

/// The fields of an option.
struct OptionRow {
    id: String,
    /// `options[0]`.
    row: String,
    name: String,
    price: String,
    max_quantity: String,
    is_available: bool,
    faults: Vec<String>,
}

/// Which group a form is of.
#[derive(Clone, Copy)]
enum Group {
    New,
    Of(OptionGroupId),
}

pub(super) async fn show_new(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    page(&restaurants, &reader, &own, (Group::New, &Typed::beginning([("min", "0"), ("max", "1")])))
}

pub(super) async fn create_group(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    let created = create(&restaurants, &own, &typed).await.map(|()| saved(&own));
    answer(&reader, typed, created, async |form| page(&restaurants, &reader, &own, (Group::New, &form))).await
}

async fn create(restaurants: &Restaurants, own: &OwnRestaurant, typed: &Typed) -> Result<(), Problem> {
    let parts = group_body(typed).read(WriteGroup::parts)?;
    let request = request_of(restaurants, own.writer, typed, &("option group", own.id(), &parts))?;
    let addition = Addition { writer: own.writer, restaurant_id: own.id(), parts };
    actions::create_group(restaurants, Some(request), addition, |group| Answer::created(group.id)).await?;
    Ok(())
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<OptionGroupId>,
) -> Result<Page, Problem> {
    let current = typed_group(&find(&restaurants, &own, id).await?, reader.locale);
    page(&restaurants, &reader, &own, (Group::Of(id), &current.clone().marked_by(&current)))
}

/// Changes what was typed; options whose name was emptied are deleted. Done twice it is done once.
pub(super) async fn update_group(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<OptionGroupId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let update = async |change| actions::update_group(&restaurants, own.writer, (own.id(), id), change).await;
    let change = async |typed: &Typed| group_body(typed).submit(WriteGroup::change, update).await.map(|_| saved(&own));
    let current = typed_group(&find(&restaurants, &own, id).await?, reader.locale);
    let show = async |form| page(&restaurants, &reader, &own, (Group::Of(id), &form));
    answer_change(&reader, typed, &current, change, show).await
}

pub(super) async fn ask_to_delete(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<OptionGroupId>,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let question = DeleteQuestion {
        locale,
        question: words::delete_group(&find(&restaurants, &own, id).await?.name, locale),
        consequence: locale.say(
            "Seçenekleri de silinir; yemekleri bu seçim olmadan sipariş edilir.",
            "Its options are deleted, too; its dishes are ordered without this choice.",
        ),
        button: locale.say("Grubu sil", "Delete the group"),
        action: own.path(&format!("/secenekler/{id}/sil")),
        back: own.path(&format!("/secenekler/{id}")),
    };
    page_of(&reader, &own, (Tab::Menu, locale.say("Seçenek grubunu sil", "Delete the option group")), &question)
}

pub(super) async fn delete_group(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<OptionGroupId>,
) -> Result<Response, Problem> {
    actions::delete_group(&restaurants, own.writer, (own.id(), id)).await?;
    Ok(saved(&own).seen_by(&reader))
}

async fn find(restaurants: &Restaurants, own: &OwnRestaurant, id: OptionGroupId) -> Result<CatalogGroup, Problem> {
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let found = menu.offer.groups.iter().find(|group| group.id == id);
    found.cloned().ok_or_else(|| OptionGroupId::unknown().into())
}

/// The group of a form, as the API takes it.
fn group_body(typed: &Typed) -> FormBody<'_> {
    // The name of an option that was there is emptied to delete it; a new one may have its price first.
    let is_filled = |row: &FormRow<'_>| {
        !row.typed("name").is_empty() || (row.typed("id").is_empty() && !row.typed("price").is_empty())
    };
    FormBody::of(typed).text("name").number("min").optional_number("max").list("options", is_filled, |row| {
        row.optional_text("id")
            .text("name")
            .optional_money("price")
            .optional_number("max_quantity")
            .flag("is_available")
    })
}

fn typed_group(group: &CatalogGroup, locale: Locale) -> Typed {
    let option = |(place, option): (usize, &CatalogOption)| {
        let field = |name: &str, value: String| (format!("options[{place}].{name}"), value);
        let texts = [
            field("id", option.id.to_string()),
            field("name", option.name.clone()),
            field("price", money::editable(option.price_kurus, locale)),
            field("max_quantity", option.max_quantity.to_string()),
        ];
        texts.into_iter().chain(option.is_available.then(|| field("is_available", "1".to_owned())))
    };
    let own = [
        ("name".to_owned(), group.name.clone()),
        ("min".to_owned(), group.min.to_string()),
        ("max".to_owned(), group.max.map(|max| max.to_string()).unwrap_or_default()),
    ];
    own.into_iter().chain(group.options.iter().enumerate().flat_map(option)).collect()
}

/// The rows that were sent or are there, and empty ones for more.
fn rows(form: &Typed) -> Vec<OptionRow> {
    let has = |place: usize| form.has(&format!("options[{place}].name"));
    let filled = (0..MOST_ROWS).take_while(|place| has(*place)).count();
    let row = |place: usize| {
        let row = format!("options[{place}]");
        let value = |field: &str| form.value(&format!("{row}.{field}")).to_owned();
        let fields = ["id", "name", "price", "max_quantity"];
        let faults = fields.into_iter().filter_map(|field| form.fault(&format!("{row}.{field}"))).map(str::to_owned);
        OptionRow {
            id: value("id"),
            name: value("name"),
            price: value("price"),
            max_quantity: value("max_quantity"),
            is_available: place >= filled || form.has(&format!("{row}.is_available")),
            faults: faults.collect(),
            row,
        }
    };
    (0..MOST_ROWS.min(filled + EMPTY_ROWS)).map(row).collect()
}

fn saved(own: &OwnRestaurant) -> Done {
    Done { flash: Flash::MenuSaved, path: own.path("/menu") }
}

fn page(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (group, form): (Group, &Typed),
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (title, action, key) = match group {
        Group::New => {
            let key = new_key(&restaurants.context.sources);
            (locale.say("Yeni seçenek grubu", "New option group"), own.path("/secenekler"), Some(key))
        }
        Group::Of(id) => (locale.say("Seçenek grubu", "Option group"), own.path(&format!("/secenekler/{id}")), None),
    };
    let body = Body { locale, form, rows: rows(form), action, back: own.path("/menu"), key };
    page_of(reader, own, (Tab::Menu, title), &body)
}
