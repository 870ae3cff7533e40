//! `/mutfak`: the restaurants that a reader runs.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use contracts::{Locale, Role};
use kit::Problem;
use web::{Page, Reader, SignedIn};

use crate::actions;
use crate::api::asked_order::reader_of;
use crate::state::Carts;
use crate::store::restaurant::NamedRestaurant;

#[derive(Template)]
#[template(path = "board/restaurants.html")]
struct Body {
    locale: Locale,
    restaurants: Vec<NamedRestaurant>,
    /// Whether restaurants can be theirs.
    may_own: bool,
}

pub(super) async fn show(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let may_own = caller.role() != Role::User;
    let body = Body { locale, restaurants: actions::list_restaurants(&carts, reader_of(&caller)).await?, may_own };
    Ok(Page::of(&reader, locale.say("Mutfaklarım", "My kitchens"), &body))
}
