//! `/restoran/{ad-kimlik}`: what a restaurant is, when it is open and what it offers, to be put into the basket.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use contracts::{CategoryId, Locale, RestaurantId};
use kit::Problem;
use web::{MaybeSignedIn, Page, Reader};

use super::campaigns::CampaignRow;
use super::dish_row::{DishOrder, DishRow, Showing};
use super::opening::{self, Opening};
use super::picture::picture;
use super::slug::{id_in, moved};
use super::{restaurant_path, words, writer};
use crate::actions::{self, Storefront};
use crate::error::RestaurantError;
use crate::model::Description;
use crate::state::Restaurants;

#[derive(Template)]
#[template(path = "restaurant.html")]
struct Body {
    locale: Locale,
    id: RestaurantId,
    path: String,
    picture: String,
    about: String,
    description: Option<String>,
    opening: Opening,
    rating: Option<String>,
    terms: Vec<String>,
    /// What each is called, and what it is.
    facts: Vec<(&'static str, String)>,
    week: Vec<(&'static str, String)>,
    exceptions: Vec<String>,
    campaigns: Vec<CampaignRow>,
    sections: Vec<Section>,
}

/// A heading of the menu with its dishes.
struct Section {
    /// What links lead to.
    anchor: String,
    name: String,
    dishes: Vec<DishRow>,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    signed_in: MaybeSignedIn,
    segment: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(segment) = segment.map_err(|_| RestaurantError::NotFound)?;
    let id = id_in(&segment).ok_or(RestaurantError::NotFound)?;
    let storefront = actions::find_storefront(&restaurants, RestaurantId(id), writer(&signed_in)).await?;
    let path = restaurant_path(&storefront.full.restaurant);
    if path != format!("/restoran/{segment}") {
        return Ok(moved(&path));
    }
    let body = Body::of(&restaurants, &storefront, path, reader.locale);
    Ok(Page::of(&reader, storefront.full.restaurant.name.as_str(), &body).wide().into_response())
}

impl Body {
    fn of(restaurants: &Restaurants, storefront: &Storefront, path: String, locale: Locale) -> Self {
        let Storefront { full, menu, campaigns } = storefront;
        let (restaurant, now) = (&full.restaurant, restaurants.context.now());
        let showing = Showing { menu, restaurant_path: &path, sources: &restaurants.context.sources, now, locale };
        let cuisines = full.cuisines.iter().map(|cuisine| cuisine.name().as_str());
        let place = full.address.as_ref().map(|address| address.district.as_str());
        Self {
            locale,
            id: restaurant.id,
            picture: picture(cuisines.clone().chain([restaurant.name.as_str()]), restaurant.id.0),
            about: cuisines.chain(place).collect::<Vec<_>>().join(" · "),
            description: restaurant.description.as_ref().map(|text| Description::as_str(text).to_owned()),
            opening: Opening::at(now, restaurant, locale),
            rating: words::rating(restaurant.rating_avg, restaurant.rating_count, locale),
            terms: terms(storefront, locale),
            facts: facts(storefront, locale),
            week: opening::week(restaurant, locale),
            exceptions: opening::exceptions(now, restaurant, locale),
            campaigns: campaigns.iter().map(|campaign| CampaignRow::of(campaign, None, now, locale)).collect(),
            sections: sections(storefront, showing),
            path,
        }
    }

    /// Links to the sections help where there are some to choose from.
    fn has_links(&self) -> bool {
        self.sections.len() > 1
    }
}

/// What an order costs and how long it takes.
fn terms(storefront: &Storefront, locale: Locale) -> Vec<String> {
    let restaurant = &storefront.full.restaurant;
    let free_from = restaurant.terms().free_from_kurus.map(|from| words::free_delivery_from(from, locale));
    let terms = [
        words::min_order(restaurant.min_order_kurus, locale),
        Some(words::delivery_fee(restaurant.delivery_fee_kurus, locale)),
        free_from,
        words::prep_time(restaurant.prep_time, locale),
    ];
    terms.into_iter().flatten().collect()
}

fn facts(storefront: &Storefront, locale: Locale) -> Vec<(&'static str, String)> {
    let restaurant = &storefront.full.restaurant;
    let address = storefront.full.address.as_ref().map(|address| address.full_address.clone());
    let phone = restaurant.phone_number.as_ref().map(|phone| phone.as_str().to_owned());
    let payment = restaurant.terms().payment_methods.into_iter().map(|method| words::payment_method(method, locale));
    let facts = [
        (locale.say("Adres", "Address"), address),
        (locale.say("Telefon", "Phone"), phone),
        (locale.say("Ödeme", "Payment"), Some(payment.collect::<Vec<_>>().join(", "))),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// The menu in its order; dishes of no heading come last, and headings without dishes are left out.
fn sections(storefront: &Storefront, showing: Showing<'_>) -> Vec<Section> {
    let mut dishes: HashMap<Option<CategoryId>, Vec<DishRow>> = HashMap::new();
    for full in showing.menu.meals_at(storefront.full.restaurant.time_zone, showing.now) {
        dishes.entry(full.meal.category_id).or_default().push(showing.row(&full));
    }
    let categories = &showing.menu.categories;
    let rest =
        if categories.is_empty() { showing.locale.say("Menü", "Menu") } else { showing.locale.say("Diğer", "More") };
    let named = categories.iter().map(|category| (Some(category.id), category.name.as_str().to_owned()));
    let named = named.chain([(None, rest.to_owned())]).zip(1..);
    let sections = named.filter_map(|((category, name), number)| {
        let dishes = dishes.remove(&category)?;
        Some(Section { anchor: format!("bolum-{number}"), name, dishes })
    });
    sections.collect()
}
