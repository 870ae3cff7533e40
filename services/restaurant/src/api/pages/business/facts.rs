//! `/isletme/{r}`: what a restaurant says of itself, and what is missing until diners can order there.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use contracts::{Locale, ShortText};
use kit::{Problem, QueryParameters, Text};
use serde_json::Value;
use web::{Flash, Page, Reader, Typed, money};

use super::answer::{Done, answer_change};
use super::asked::OwnRestaurant;
use super::form_body::{self, FormBody};
use super::frame::{DeleteQuestion, Tab, page as page_of};
use super::state_text::{StateChip, draft_text, state_of};
use super::words;
use crate::actions::{self, FullRestaurant};
use crate::api::body::UpdateRestaurant;
use crate::model::Cuisine;
use crate::state::Restaurants;
use crate::store::menu::Menu;

#[derive(Template)]
#[template(path = "business/facts.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    state: StateChip,
    missing: Vec<&'static str>,
    address: Option<&'a str>,
    new_address: String,
    action: String,
    delete: String,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    uri: Uri,
) -> Result<Page, Problem> {
    let form = typed(&own.full, written_address(&uri), reader.locale).marked_by(&current(&own, &reader));
    page(&restaurants, &reader, &own, &form).await
}

/// Changes what was typed. Done twice it is done once.
pub(super) async fn update_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    let update = async |change| actions::update_restaurant(&restaurants, own.writer, own.id(), change).await;
    let change = async |typed: &Typed| {
        let changed = facts_body(typed).submit(UpdateRestaurant::change, update).await;
        changed.map(|_| Done { flash: Flash::RestaurantSaved, path: own.path("") })
    };
    let show = async |form| page(&restaurants, &reader, &own, &form).await;
    answer_change(&reader, typed, &current(&own, &reader), change, show).await
}

pub(super) async fn ask_to_delete(reader: Reader, own: OwnRestaurant) -> Result<Page, Problem> {
    let locale = reader.locale;
    let question = DeleteQuestion {
        locale,
        question: words::delete_restaurant(own.name(), locale),
        consequence: locale.say(
            "Menüsü ve kampanyaları da silinir. Geri alınamaz; verilmiş siparişler kalır.",
            "Its menu and its campaigns are deleted, too. This can't be undone; orders that were placed stay.",
        ),
        button: locale.say("Restoranı sil", "Delete the restaurant"),
        action: own.path("/sil"),
        back: own.path(""),
    };
    page_of(&reader, &own, (Tab::Facts, locale.say("Restoranı sil", "Delete the restaurant")), &question)
}

pub(super) async fn delete_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Response, Problem> {
    actions::delete_restaurant(&restaurants, own.writer, own.id()).await?;
    Ok(Done { flash: Flash::RestaurantDeleted, path: "/isletme".to_owned() }.seen_by(&reader))
}

/// The facts of a form, as the API takes them. What the form has no field for stays as it is.
pub(super) fn facts_body(typed: &Typed) -> FormBody<'_> {
    FormBody::of(typed)
        .text("name")
        .optional_text("description")
        .put("cuisines", |typed| {
            let names = typed.split(',').map(str::trim).filter(|name| !name.is_empty());
            Ok(names.map(Value::from).collect())
        })
        .optional_text("phone_number")
        .optional_text("email")
        .put("delivery_fee", free_if_empty)
        .put("min_order", free_if_empty)
        .number("prep_time_min")
        .optional_number("delivery_radius_m")
        .text("address_id")
}

/// What costs nothing may be left empty.
fn free_if_empty(typed: &str) -> Result<Value, (&'static str, Text)> {
    if typed.trim().is_empty() { Ok(0.into()) } else { form_body::money(typed) }
}

/// Where an address is written down, which leads back to `form` with it.
pub(super) fn new_address(form: &str) -> String {
    format!("/adresler/restoran?donus={form}")
}

/// The address that was written down on the way to a form.
pub(super) fn written_address(uri: &Uri) -> Option<String> {
    QueryParameters::of(uri).one("adres").ok().flatten().map(ToOwned::to_owned)
}

fn current(own: &OwnRestaurant, reader: &Reader) -> Typed {
    typed(&own.full, None, reader.locale)
}

/// What the restaurant is now, with another address where one was written down for it.
fn typed(
    FullRestaurant { restaurant, cuisines, .. }: &FullRestaurant,
    written: Option<String>,
    locale: Locale,
) -> Typed {
    let cuisines: Vec<&str> = cuisines.iter().map(Cuisine::name).map(ShortText::as_str).collect();
    Typed::beginning([
        ("name", restaurant.name.as_str()),
        ("description", restaurant.description.as_ref().map_or("", |description| description.as_str())),
        ("cuisines", &*cuisines.join(", ")),
        ("phone_number", restaurant.phone_number.as_ref().map_or("", |phone| phone.as_str())),
        ("email", restaurant.email.as_ref().map_or("", |email| email.as_str())),
        ("delivery_fee", &*money::editable(restaurant.delivery_fee_kurus, locale)),
        ("min_order", &*money::editable(restaurant.min_order_kurus, locale)),
        ("prep_time_min", &*restaurant.prep_time.to_string()),
        ("delivery_radius_m", &*restaurant.delivery_radius_m.map(|radius| radius.to_string()).unwrap_or_default()),
        ("address_id", &*written.unwrap_or_else(|| restaurant.address_id.to_string())),
    ])
}

/// What keeps diners from ordering, however late it is.
fn missing(full: &FullRestaurant, menu: &Menu, locale: Locale) -> Vec<&'static str> {
    let restaurant = &full.restaurant;
    let has_hours = !restaurant.opening_hours.is_closed() || !restaurant.special_days.0.is_empty();
    let hours = locale.say("Çalışma saatleri yazılmamış.", "No opening hours are written.");
    let meals = locale.say("Menüde yemek yok.", "There is no dish on the menu.");
    let missing = [
        restaurant.draft_reason.map(|reason| draft_text(reason, locale)),
        (!has_hours).then_some(hours),
        menu.meals.is_empty().then_some(meals),
    ];
    missing.into_iter().flatten().collect()
}

async fn page(restaurants: &Restaurants, reader: &Reader, own: &OwnRestaurant, form: &Typed) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (_, menu) = actions::find_menu(restaurants, own.id(), Some(own.writer)).await?;
    let body = Body {
        locale,
        form,
        state: state_of(&own.full.restaurant, restaurants.context.now(), locale),
        missing: missing(&own.full, &menu, locale),
        address: own.full.address.as_ref().map(|address| address.full_address.as_str()),
        new_address: new_address(&own.path("")),
        action: own.path(""),
        delete: own.path("/sil"),
    };
    page_of(reader, own, (Tab::Facts, locale.say("Bilgiler", "Facts")), &body)
}
