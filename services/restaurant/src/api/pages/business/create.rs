//! `/isletme/yeni`: a restaurant is written down.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use contracts::{Locale, RestaurantId};
use kit::Problem;
use kit::idempotency::Answer;
use web::{Flash, Page, Reader, Typed};

use super::answer::{Done, answer};
use super::asked::{Manager, new_key, request_of};
use super::facts::{facts_body, new_address, written_address};
use crate::actions::{self, CreateRestaurant};
use crate::api::body;
use crate::model::Writer;
use crate::state::Restaurants;

const NEW: &str = "/isletme/yeni";

#[derive(Template)]
#[template(path = "business/create.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    new_address: String,
    key: String,
}

/// An address that was written down on the way is the restaurant's.
pub(super) async fn show(State(restaurants): State<Arc<Restaurants>>, reader: Reader, _: Manager, uri: Uri) -> Page {
    let address = written_address(&uri).unwrap_or_default();
    page(&restaurants, &reader, &Typed::beginning([("address_id", &*address), ("prep_time_min", "30")]))
}

pub(super) async fn create_restaurant(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    Manager(writer): Manager,
    typed: Typed,
) -> Result<Response, Problem> {
    let created = create(&restaurants, writer, &typed).await;
    let created = created.map(|id| Done { flash: Flash::RestaurantCreated, path: format!("/isletme/{id}") });
    answer(&reader, typed, created, async |form| Ok(page(&restaurants, &reader, &form))).await
}

async fn create(restaurants: &Restaurants, writer: Writer, typed: &Typed) -> Result<RestaurantId, Problem> {
    let (owner_id, parts) = facts_body(typed).read(body::CreateRestaurant::parts)?;
    let request = request_of(restaurants, writer, typed, &("restaurant", (owner_id, &parts)))?;
    let new = CreateRestaurant { writer, owner_id, parts };
    let answer = actions::create_restaurant(restaurants, Some(request), new, |created| Answer::created(created.id));
    Ok(answer.await?.id()?)
}

fn page(restaurants: &Restaurants, reader: &Reader, form: &Typed) -> Page {
    let locale = reader.locale;
    let body = Body { locale, form, new_address: new_address(NEW), key: new_key(&restaurants.context.sources) };
    Page::of(reader, locale.say("Yeni restoran", "New restaurant"), &body)
}
