//! What is done with an order by one press on its ticket. Pressed twice, it is done once.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kit::idempotency::{Answer, Key, Request};
use kit::{Faults, Field, FieldValue, IdempotencyKey, Problem, Text, required_fields};
use serde::Deserialize;
use web::{Flash, Form, FormKey, Reader, Typed, set_cookies};

use super::kitchen::{Kitchen, KitchenOrder};
use super::show;
use crate::actions::{self, AskedStep};
use crate::api::steps::DELAY_SCOPE;
use crate::model::{Minutes, Step};
use crate::state::Carts;

/// How long it will take; left out of an order that is wanted at a time.
#[derive(Debug, Deserialize)]
pub(super) struct Accept {
    #[serde(default)]
    eta_minutes: Field<TypedMinutes>,
}

/// How much longer it takes.
#[derive(Debug, Deserialize)]
pub(super) struct Delay {
    #[serde(default)]
    minutes: Field<TypedMinutes>,
    #[serde(default)]
    istek: Field<FormKey>,
}

/// Minutes as a form sends them.
#[derive(Debug)]
struct TypedMinutes(Minutes);

impl FieldValue for TypedMinutes {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        // No number is one that is out of range, too.
        Minutes::parse(raw.trim().parse().unwrap_or_default()).map(Self)
    }
}

pub(super) async fn accept_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
    form: Form<Accept>,
) -> Result<Response, Problem> {
    let made = match accepted(form.fields) {
        Ok(step) => make(&carts, &asked, step).await,
        Err(problem) => Err(problem),
    };
    answer(&carts, &reader, &asked.kitchen, made.map(|()| Flash::OrderAccepted)).await
}

pub(super) async fn prepare_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
) -> Result<Response, Problem> {
    step(&carts, &reader, &asked, Step::Prepare).await
}

pub(super) async fn dispatch_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
) -> Result<Response, Problem> {
    step(&carts, &reader, &asked, Step::Dispatch).await
}

pub(super) async fn deliver_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
) -> Result<Response, Problem> {
    step(&carts, &reader, &asked, Step::Deliver).await
}

pub(super) async fn delay_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
    form: Form<Delay>,
) -> Result<Response, Problem> {
    let made = delay(&carts, &reader, &asked, form.fields).await;
    answer(&carts, &reader, &asked.kitchen, made.map(|()| Flash::OrderDelayed)).await
}

fn accepted(fields: Accept) -> Result<AskedStep, Problem> {
    let mut faults = Faults::default();
    let eta = faults.optional("eta_minutes", fields.eta_minutes).map(|TypedMinutes(minutes)| minutes);
    faults.check()?;
    Ok(AskedStep { eta, ..Step::Accept.into() })
}

async fn delay(carts: &Carts, reader: &Reader, asked: &KitchenOrder, fields: Delay) -> Result<(), Problem> {
    let (TypedMinutes(minutes), key) = required_fields!(fields => minutes, istek)?;
    let (id, by) = (asked.order.order.public_id, asked.kitchen.reader);
    let key = IdempotencyKey::from(key);
    let vault = carts.context.database.vault();
    let request = Request::new(vault, DELAY_SCOPE, (by.user_id, Key::Sent(&key)), &(id, minutes.0));
    // The page is made anew each time, so nothing of it is kept.
    let done = |_| Answer::json(StatusCode::OK, reader.locale, &());
    actions::delay_order(carts, by, (id, request), minutes, done).await?;
    Ok(())
}

async fn step(carts: &Carts, reader: &Reader, asked: &KitchenOrder, step: Step) -> Result<Response, Problem> {
    let made = make(carts, asked, step.into()).await;
    answer(carts, reader, &asked.kitchen, made.map(|()| Flash::OrderMoved)).await
}

pub(super) async fn make(carts: &Carts, asked: &KitchenOrder, step: AskedStep) -> Result<(), Problem> {
    actions::step_order(carts, asked.kitchen.reader, asked.order.order.public_id, step).await?;
    Ok(())
}

/// Leads back to the board, or shows it as it is by now with why nothing was done.
async fn answer(
    carts: &Carts,
    reader: &Reader,
    kitchen: &Kitchen,
    made: Result<Flash, Problem>,
) -> Result<Response, Problem> {
    match made {
        Ok(flash) => Ok((set_cookies([reader.will_hear(flash)]), Redirect::to(&kitchen.path())).into_response()),
        Err(problem) => {
            let form = Typed::default().refused(&problem, reader.locale);
            Ok(show::page(carts, reader, kitchen, &form).await?.refused(&problem).into_response())
        }
    }
}
