//! `/sepet/karar`: two baskets where there can be one. What is in either is shown, and the diner says which it is to be.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, UserId};
use kit::{Problem, QueryParameters};
use web::{Cookie, Flash, Form, FormKey, Page, Reader, ReturnPath, money, set_cookies};

use super::add::{cookies_of, put};
use super::basket::LineRow;
use super::diner::Diner;
use super::shown_basket::ShownBasket;
use super::wish::{Wish, WishFields, key_of_address};
use super::words;
use crate::actions::merge::{Merged, Run, merge_cart};
use crate::error::CartError;
use crate::model::anonymous::CartId;
use crate::model::{MergeStrategy, OnConflict, WantedLine};
use crate::state::Carts;

#[derive(Template)]
#[template(path = "basket_choice.html")]
struct Body {
    locale: Locale,
    /// Whether the other basket is from before signing in; else it is one meal.
    is_merge: bool,
    current: Side,
    other: Side,
    /// Whether both can be one.
    can_add_up: bool,
    /// What comes back with the choice.
    fields: Vec<(String, String)>,
    key: Option<FormKey>,
    back: ReturnPath,
}

/// One of the two baskets.
struct Side {
    restaurant: Option<String>,
    count: String,
    lines: Vec<LineRow>,
    subtotal: String,
}

/// What somebody has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Keep,
    StartNew,
    AddUp,
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    diner: Diner,
    uri: Uri,
) -> Result<Response, Problem> {
    let parameters = QueryParameters::of(&uri);
    let back = reader.back.clone();
    let wish = Wish::of_address(&parameters).zip(key_of_address(&parameters));
    let body = match (wish, diner.user_id, diner.cart_id) {
        (Some((wish, key)), _, _) => Some(of_wish(&carts, &diner, (wish, key), (&back, reader.locale)).await?),
        (None, Some(user_id), Some(cart_id)) => {
            of_merge(&carts, &diner, (user_id, cart_id), (&back, reader.locale)).await?
        }
        (None, _, _) => None,
    };
    // Nothing is left to choose where another tab has chosen.
    let Some(body) = body else { return Ok(Redirect::to(back.as_str()).into_response()) };
    let page = Page::of(&reader, reader.locale.say("Hangi sepet?", "Which basket?"), &body);
    Ok(page.wide().into_response())
}

/// Does what was chosen. Sent twice it is done once.
pub(super) async fn choose(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    mut diner: Diner,
    form: Form<WishFields>,
) -> Result<Response, Problem> {
    let back = reader.return_path(form.typed.value("donus"));
    let choice = Choice::of(form.typed.value("karar"));
    let is_wish = form.typed.has("meal_id");
    let (flash, mut cookies) = match (choice, is_wish) {
        (Choice::Keep, true) => (Flash::BasketKept, Vec::new()),
        (Choice::StartNew | Choice::AddUp, true) => {
            let (wish, key) = Wish::of(form)?;
            put(&carts, &mut diner, (&wish, key), OnConflict::Replace).await?;
            (Flash::AddedToBasket, Vec::new())
        }
        (_, false) => merge(&carts, &reader, &diner, choice).await?,
    };
    cookies.extend(cookies_of(&carts, &reader, &diner).await?);
    cookies.push(reader.will_hear(flash));
    Ok((set_cookies(cookies), Redirect::to(back.as_str())).into_response())
}

async fn merge(
    carts: &Carts,
    reader: &Reader,
    diner: &Diner,
    choice: Choice,
) -> Result<(Flash, Vec<HeaderValue>), Problem> {
    let strategy = match choice {
        Choice::Keep => None,
        Choice::StartNew => Some(MergeStrategy::Replace),
        Choice::AddUp => Some(MergeStrategy::AddQuantities),
    };
    let both = diner.user_id.zip(diner.cart_id);
    let flash = match (strategy, both) {
        (Some(strategy), Some((user_id, cart_id))) => {
            merge_cart(carts, user_id, diner.asked(cart_id, strategy, Run::Merge)).await?;
            Flash::BasketsMerged
        }
        (None, _) | (_, None) => Flash::BasketKept,
    };
    // Without a reader who is signed in, it is their only basket.
    let forgotten = diner.user_id.map(|_| Cookie::Cart.delete(reader.cookies()));
    Ok((flash, forgotten.into_iter().collect()))
}

/// A meal of another restaurant than that of the basket.
async fn of_wish(
    carts: &Carts,
    diner: &Diner,
    (wish, key): (Wish, FormKey),
    (back, locale): (&ReturnPath, Locale),
) -> Result<Body, CartError> {
    let current = ShownBasket::of(carts, diner).await?;
    let restaurant_id = crate::actions::catalog::find_restaurant_of(carts, wish.meal_id).await?;
    let quantity = u32::from(wish.quantity.0.unsigned_abs());
    let wanted = WantedLine { meal_id: Some(wish.meal_id), options: &wish.options, quantity, due: None };
    let other = ShownBasket::of_wish(carts, restaurant_id, &wanted, wish.note.as_str()).await?;
    Ok(Body {
        locale,
        is_merge: false,
        current: Side::of(&current, locale),
        other: Side::of(&other, locale),
        can_add_up: false,
        fields: wish.fields(),
        key: Some(key),
        back: back.clone(),
    })
}

/// The basket from before signing in, and that of the account; `None` where there is nothing to choose.
async fn of_merge(
    carts: &Carts,
    diner: &Diner,
    (user_id, cart_id): (UserId, CartId),
    (back, locale): (&ReturnPath, Locale),
) -> Result<Option<Body>, CartError> {
    let current = ShownBasket::of_user(carts, user_id).await?;
    let other = ShownBasket::of_stranger(carts, cart_id, &diner.network).await?;
    if other.is_empty() {
        return Ok(None);
    }
    let asked = diner.asked(cart_id, MergeStrategy::AddQuantities, Run::Preview);
    let can_add_up = match merge_cart(carts, user_id, asked).await {
        Ok(Merged::Preview(..)) => true,
        Ok(Merged::Nothing | Merged::Done(..)) => return Ok(None),
        Err(CartError::DifferentRestaurant(_) | CartError::TooManyLines) => false,
        Err(error) => return Err(error),
    };
    Ok(Some(Body {
        locale,
        is_merge: true,
        current: Side::of(&current, locale),
        other: Side::of(&other, locale),
        can_add_up,
        fields: Vec::new(),
        key: None,
        back: back.clone(),
    }))
}

impl Choice {
    /// What a button says. Whatever else was sent changes nothing.
    fn of(word: &str) -> Self {
        match word {
            "yeni" => Self::StartNew,
            "topla" => Self::AddUp,
            _ => Self::Keep,
        }
    }
}

impl Side {
    fn of(basket: &ShownBasket, locale: Locale) -> Self {
        Self {
            restaurant: basket.restaurant_name().map(str::to_owned),
            count: words::items(basket.lines.iter().map(|line| line.quantity).sum(), locale),
            lines: basket.lines.iter().map(|line| LineRow::of(line, locale)).collect(),
            subtotal: money::amount(basket.priced.subtotal, locale),
        }
    }
}
