//! `/isletme`: the restaurants of a manager, drafts among them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use contracts::{Locale, RestaurantId};
use kit::{Page as Rows, PageRequest, Problem};
use web::{Page, Reader};

use super::asked::Manager;
use super::state_text::{StateChip, state_of};
use crate::actions::{self, FullRestaurant};
use crate::state::Restaurants;

#[derive(Template)]
#[template(path = "business/list.html")]
struct Body {
    locale: Locale,
    restaurants: Rows<Row>,
}

struct Row {
    id: RestaurantId,
    name: String,
    state: StateChip,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    Manager(writer): Manager,
    page: PageRequest,
) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let list = actions::list_own_restaurants(&restaurants, writer.user_id, page).await?;
    let show = |FullRestaurant { restaurant, .. }: FullRestaurant| Row {
        state: state_of(&restaurant, now, locale),
        id: restaurant.id,
        name: restaurant.name.into(),
    };
    let body = Body { locale, restaurants: Rows::of(list, &page, |full| full.restaurant.id.0, show) };
    Ok(Page::of(&reader, locale.say("İşletmem", "My restaurants"), &body))
}
