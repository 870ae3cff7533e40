//! `/isletme/yeni`: a restaurant is written down.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, RestaurantId};
use kit::Problem;
use kit::idempotency::{Answer, Key, Request};
use serde::{Deserialize, Serialize};
use web::{Flash, Page, Reader, Typed, set_cookies};

use super::SCOPE;
use super::asked::{Manager, new_key, sent_key};
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

/// What is kept of a form that has created something.
#[derive(Serialize, Deserialize)]
pub(super) struct Created<I> {
    pub(super) id: I,
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
) -> Response {
    match create(&restaurants, writer, reader.locale, &typed).await {
        Ok(id) => {
            let cookies = set_cookies([reader.will_hear(Flash::RestaurantCreated)]);
            (cookies, Redirect::to(&format!("/isletme/{id}"))).into_response()
        }
        Err(problem) => {
            page(&restaurants, &reader, &typed.refused(&problem, reader.locale)).refused(&problem).into_response()
        }
    }
}

async fn create(
    restaurants: &Restaurants,
    writer: Writer,
    locale: Locale,
    typed: &Typed,
) -> Result<RestaurantId, Problem> {
    let (owner_id, parts) = facts_body(typed).read(body::CreateRestaurant::parts)?;
    let key = sent_key(typed)?;
    let asked = (owner_id, &parts);
    let vault = restaurants.context.database.vault();
    let request = Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &("restaurant", asked));
    let new = CreateRestaurant { writer, owner_id, parts };
    let answer = actions::create_restaurant(restaurants, Some(request), new, |restaurant| {
        Answer::json(StatusCode::CREATED, locale, &Created { id: restaurant.id })
    });
    created(&answer.await?)
}

/// The id of what a form has created, now or when it was sent before.
pub(super) fn created<I: for<'a> Deserialize<'a>>(answer: &Answer) -> Result<I, Problem> {
    let Created { id } = serde_json::from_str(answer.body()).map_err(anyhow::Error::from)?;
    Ok(id)
}

fn page(restaurants: &Restaurants, reader: &Reader, form: &Typed) -> Page {
    let locale = reader.locale;
    let body = Body { locale, form, new_address: new_address(NEW), key: new_key(&restaurants.context.sources) };
    Page::of(reader, locale.say("Yeni restoran", "New restaurant"), &body)
}
