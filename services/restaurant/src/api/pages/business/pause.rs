//! `/isletme/{r}/yogun`: a kitchen that has too much to do takes a break.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use contracts::Locale;
use kit::{Fault, Problem, Text};
use web::{Flash, Page, Reader, Typed, dates};

use super::answer::{Done, answer};
use super::asked::OwnRestaurant;
use super::frame::{Tab, page as page_of};
use super::local_time;
use super::words;
use crate::actions;
use crate::state::Restaurants;

/// What a button offers.
const MINUTES: [u16; 3] = [15, 30, 45];

#[derive(Template)]
#[template(path = "business/pause.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    action: String,
    /// When the break ends that is under way, as HTML.
    paused_until: Option<String>,
    /// How long a break may be, and how it is said.
    choices: Vec<(u16, String)>,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    page(&restaurants, &reader, &own, &Typed::default())
}

/// Begins a break or ends it. A break of some minutes lasts so long from when it was asked for last.
pub(super) async fn update_pause(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    let changed = update(&restaurants, &own, &typed).await;
    answer(&reader, typed, changed, async |form| page(&restaurants, &reader, &own, &form)).await
}

async fn update(restaurants: &Restaurants, own: &OwnRestaurant, typed: &Typed) -> Result<Done, Problem> {
    let until = end_of(typed, restaurants.context.now())?;
    actions::update_pause(restaurants, own.writer, own.id(), until).await?;
    let flash = if until.is_some() { Flash::PauseBegun } else { Flash::PauseEnded };
    Ok(Done { flash, path: own.path("/yogun") })
}

/// Until when the form asks for a break; `None` where it ends the one under way.
fn end_of(typed: &Typed, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    if typed.has("bitir") {
        return Ok(None);
    }
    let minutes = MINUTES.into_iter().find(|minutes| typed.value("dakika") == minutes.to_string());
    if let Some(minutes) = minutes {
        return Ok(Some(local_time::after_minutes(minutes, now)));
    }
    let text = Text::new("Saati 19:30 gibi yazın.", "Write the time like 19:30.");
    let until = local_time::next(typed.value("until"), now);
    until.map(Some).ok_or_else(|| Problem::invalid(vec![Fault::new("until", "TIME_INVALID", text)]))
}

fn page(restaurants: &Restaurants, reader: &Reader, own: &OwnRestaurant, form: &Typed) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let paused_until = own.full.restaurant.paused_until.filter(|until| *until > now);
    let body = Body {
        locale,
        form,
        action: own.path("/yogun"),
        paused_until: paused_until.map(|until| dates::time_element(until, locale)),
        choices: MINUTES.map(|minutes| (minutes, words::minutes(minutes, locale))).into(),
    };
    page_of(reader, own, (Tab::Pause, locale.say("Ara ver", "Take a break")), &body)
}
