//! Pages: restaurants and their menus as diners choose from them, and as their managers keep them.

mod asked_list;
mod business;
mod campaigns;
mod dish;
mod dish_row;
mod home;
mod opening;
mod picture;
mod restaurant;
mod slug;
mod words;

use std::sync::Arc;

use axum::routing::get;
use kit::{Cursor, PageRequest, Pages};
use web::MaybeSignedIn;

use crate::model::Writer;
use crate::state::Restaurants;
use crate::store::restaurant::Restaurant;

/// All pages of the service.
pub(crate) fn pages(restaurants: &Arc<Restaurants>) -> Pages {
    Pages::new()
        .route(asked_list::HOME, get(home::show))
        .route("/restoran/{restaurant}", get(restaurant::show))
        .route("/restoran/{restaurant}/{dish}", get(dish::show))
        .route("/kampanyalar", get(campaigns::show))
        .with_state(Arc::clone(restaurants))
        .merge(business::pages(restaurants))
}

/// Where the page of a restaurant stands.
fn restaurant_path(restaurant: &Restaurant) -> String {
    format!("/restoran/{}", slug::slug(restaurant.name.as_str(), restaurant.id.0))
}

/// How many rows stand before the page, whose cursor is the place of the last row that was seen.
fn offset(page: &PageRequest<i64>) -> u64 {
    page.after.map_or(0, |Cursor(place)| place.try_into().unwrap_or_default())
}

/// Who reads, as far as drafts are concerned: their owners see them.
fn writer(MaybeSignedIn(caller): &MaybeSignedIn) -> Option<Writer> {
    caller.as_ref().map(|caller| Writer { user_id: caller.user_id(), role: caller.role() })
}
