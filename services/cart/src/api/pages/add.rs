//! `POST /sepet/ekle`: a meal comes into the basket, of a stranger or of who is signed in, once for each form.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, RestaurantId, UserId};
use kit::idempotency::{Key, Request};
use kit::{FieldChange, IdempotencyKey, Problem};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::{Flash, Form, FormKey, Page, Reader, ReturnPath, Typed, set_cookies};

use super::diner::{Diner, Merging, cart_cookie, is_lost};
use super::shown_basket::ShownBasket;
use super::wish::{Wish, WishFields, address_of_key};
use crate::actions;
use crate::anonymous::{AnonymousError, AskedChange};
use crate::error::CartError;
use crate::model::anonymous::{AddItem, AddKey, CartId, CartRefusal, Change};
use crate::model::{ChoiceRefusal, NewItem, OnConflict};
use crate::state::Carts;

/// What the key of a form stands for.
const SCOPE: &str = "add to basket";

#[derive(Template)]
#[template(path = "not_added.html")]
struct NotAdded<'a> {
    locale: Locale,
    form: &'a Typed,
    /// Of what more is to be said: an option, or a group of options.
    about: Option<String>,
    back: &'a str,
}

pub(super) async fn add(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    mut diner: Diner,
    form: Form<WishFields>,
) -> Result<Response, Problem> {
    let (typed, back) = (form.typed.clone(), reader.return_path(form.typed.value("donus")));
    let (wish, key) = match Wish::of(form) {
        Ok(wish) => wish,
        Err(problem) => return Ok(refused(&reader, typed, (&problem, None), &back)),
    };
    let mut cookies = match diner.merge(&carts, &reader).await? {
        Merging::Done(cookies) => cookies,
        // They are asked by their basket.
        Merging::Nothing | Merging::Undecided => Vec::new(),
    };
    match put(&carts, &mut diner, (&wish, key), OnConflict::Keep).await {
        Ok(()) => {
            cookies.extend(cookies_of(&carts, &reader, &diner).await?);
            cookies.push(reader.will_hear(Flash::AddedToBasket));
            Ok((set_cookies(cookies), Redirect::to(back.as_str())).into_response())
        }
        Err(error) if is_other_restaurant(&error) => {
            let donus = utf8_percent_encode(back.as_str(), NON_ALPHANUMERIC);
            let to = format!("/sepet/karar?{}&{}&donus={donus}", wish.address(), address_of_key(key));
            Ok((set_cookies(cookies), Redirect::to(&to)).into_response())
        }
        Err(error) => {
            let about = about(&carts, &wish, &error).await?;
            Ok(refused(&reader, typed, (&error.into(), about), &back))
        }
    }
}

/// Puts what is wished into the diner's basket, once for each key. A stranger without a basket has one behind that.
pub(super) async fn put(
    carts: &Carts,
    diner: &mut Diner,
    wish: (&Wish, FormKey),
    on_conflict: OnConflict,
) -> Result<(), CartError> {
    let restaurant_id = actions::catalog::find_restaurant_of(carts, wish.0.meal_id).await?;
    if let Some(user_id) = diner.user_id {
        return put_of_user(carts, (user_id, restaurant_id), wish, on_conflict).await;
    }
    let new = || CartId::random(carts.context.sources.bytes());
    let cart_id = *diner.cart_id.get_or_insert_with(new);
    let network = &diner.network;
    match put_of_stranger(carts, (cart_id, network), restaurant_id, wish, on_conflict).await {
        // What stands there is no basket, and nobody could ever change that.
        Err(error) if is_lost(&error) => {
            let cart_id = new();
            put_of_stranger(carts, (cart_id, network), restaurant_id, wish, on_conflict).await?;
            diner.cart_id = Some(cart_id);
            Ok(())
        }
        added => added,
    }
}

async fn put_of_user(
    carts: &Carts,
    (user_id, restaurant_id): (UserId, RestaurantId),
    (wish, key): (&Wish, FormKey),
    on_conflict: OnConflict,
) -> Result<(), CartError> {
    let Wish { meal_id, quantity, options, note } = wish;
    let (key, asked) = (IdempotencyKey::from(key), (meal_id, quantity.0, options, note));
    let request = Request::new(carts.context.database.vault(), SCOPE, (user_id, Key::Sent(&key)), &asked);
    let item = NewItem {
        restaurant_id,
        meal_id: *meal_id,
        options: Some(options.clone()),
        quantity: *quantity,
        note: wish.note_change(),
        schedule_date: FieldChange::Keep,
        on_conflict,
    };
    actions::add_units(carts, user_id, request, item).await
}

async fn put_of_stranger(
    carts: &Carts,
    (cart_id, network): (CartId, &str),
    restaurant_id: RestaurantId,
    (wish, key): (&Wish, FormKey),
    on_conflict: OnConflict,
) -> Result<(), CartError> {
    let item = AddItem {
        restaurant_id: restaurant_id.to_string(),
        meal_id: wish.meal_id.to_string(),
        options: Some(wish.options.clone()),
        quantity: wish.quantity.0.unsigned_abs().into(),
        note: Some(wish.note.clone()),
        schedule_date: None,
        on_conflict,
        key: None,
    };
    let key = AddKey::of(IdempotencyKey::from(key).as_str(), &item);
    let change = Change::Add(AddItem { key: Some(key), ..item });
    actions::anonymous::change(carts, cart_id, AskedChange { change, if_match: None, network: network.to_owned() })
        .await?;
    Ok(())
}

/// By which the browser finds the basket again, and shows what is in it.
pub(super) async fn cookies_of(carts: &Carts, reader: &Reader, diner: &Diner) -> Result<Vec<HeaderValue>, CartError> {
    let hint = ShownBasket::of(carts, diner).await?.hint(reader);
    let of_stranger = diner.cart_id.filter(|_| diner.user_id.is_none());
    Ok(of_stranger.map(|cart_id| cart_cookie(cart_id, reader)).into_iter().chain([hint]).collect())
}

/// Whether the basket has meals of another restaurant.
fn is_other_restaurant(error: &CartError) -> bool {
    matches!(
        error,
        CartError::DifferentRestaurant(_) | CartError::Anonymous(AnonymousError::Refused(CartRefusal::OtherRestaurant))
    )
}

/// What the option or the group of options is called that is at fault.
async fn about(carts: &Carts, wish: &Wish, error: &CartError) -> Result<Option<String>, CartError> {
    let CartError::Choice(ChoiceRefusal::Options(refusal)) = error else { return Ok(None) };
    let restaurant_id = actions::catalog::find_restaurant_of(carts, wish.meal_id).await?;
    let restaurant = actions::catalog::find_restaurant(carts, restaurant_id).await?;
    Ok(restaurant.and_then(|restaurant| restaurant.name_at_fault(*refusal).map(str::to_owned)))
}

fn refused(reader: &Reader, typed: Typed, (problem, about): (&Problem, Option<String>), back: &ReturnPath) -> Response {
    let locale = reader.locale;
    let mut reader = reader.clone();
    // This page can't be asked for by itself.
    reader.here = back.clone();
    let typed = typed.refused(problem, locale);
    let body = NotAdded { locale, form: &typed, about, back: back.as_str() };
    let page = Page::of(&reader, locale.say("Sepete eklenemedi", "Not added to your basket"), &body);
    page.refused(problem).into_response()
}
