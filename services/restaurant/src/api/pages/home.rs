//! `/`: restaurants, found by words and by what else matters to whoever is hungry.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use clock::Timestamp;
use contracts::Locale;
use kit::{Page as Rows, PageRequest, Problem};
use web::{Page, Reader, Typed, money};

use super::asked_list::{ActiveFilter, AskedList, Choice, QUERY};
use super::campaigns::CampaignRow;
use super::opening::Opening;
use super::picture::picture;
use super::slug::slug;
use super::{offset, restaurant_path, words};
use crate::actions::{self, FoundRestaurant};
use crate::model::ListPage;
use crate::state::Restaurants;

/// Restaurants on one page.
const CARDS: u64 = 24;
/// Campaigns above them.
const OFFERS: usize = 3;
/// So many that end first are read for that; some have not begun.
const OFFERS_READ: u64 = 12;

#[derive(Template)]
#[template(path = "home.html")]
struct Body<'a> {
    locale: Locale,
    typed: &'a Typed,
    asked: &'a AskedList,
    active: Vec<ActiveFilter>,
    offers: Vec<CampaignRow>,
    /// `None` where what is asked for can't be read.
    list: Option<CardList>,
}

/// One page of the list.
struct CardList {
    /// How many there are on all pages.
    total: String,
    cards: Vec<Card>,
    next: Option<String>,
}

/// A restaurant in the list.
struct Card {
    path: String,
    picture: String,
    name: String,
    /// What it cooks, and where.
    about: String,
    opening: Opening,
    rating: Option<String>,
    /// What an order costs and how long it takes.
    terms: Vec<String>,
    /// The dishes by which it was found: address, name and price.
    dishes: Vec<(String, String, String)>,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    page: PageRequest<i64>,
    typed: Typed,
) -> Result<Page, Problem> {
    let (locale, asked) = (reader.locale, AskedList::of(&typed));
    let request = PageRequest { limit: CARDS, ..page };
    let search = match asked.search(&request) {
        Ok(search) => search,
        Err(problem) => {
            let typed = typed.refused(&problem, locale);
            return Ok(page_of(&reader, &typed, &asked, (None, Vec::new())).refused(&problem));
        }
    };
    let found = actions::search_restaurants(&restaurants, search).await?;
    let (now, total) = (restaurants.context.now(), words::restaurants(found.total, locale));
    let rows = found.restaurants.into_iter().zip(offset(&request).cast_signed() + 1..).collect();
    let show = |(found, _): (FoundRestaurant, i64)| Card::of(&found, now, locale);
    let rows = Rows::of(rows, &request, |(_, place)| *place, show);
    let next = rows.next_cursor.map(|cursor| asked.path_from(&cursor));
    let is_first_page = asked.is_empty() && request.after.is_none();
    let offers = if is_first_page { offers(&restaurants, now, locale).await? } else { Vec::new() };
    Ok(page_of(&reader, &typed, &asked, (Some(CardList { total, cards: rows.items, next }), offers)))
}

fn page_of(
    reader: &Reader,
    typed: &Typed,
    asked: &AskedList,
    (list, offers): (Option<CardList>, Vec<CampaignRow>),
) -> Page {
    let locale = reader.locale;
    let title = match asked.value(QUERY) {
        "" => locale.say("Ne yemek istersiniz?", "What would you like to eat?").to_owned(),
        query => words::search_of(query, locale),
    };
    let body = Body { locale, typed, asked, active: asked.active_filters(locale), offers, list };
    let page = Page::of(reader, title, &body).wide();
    // Behind all filters.
    if body.list.is_some() {
        page.shortcut("#restoranlar", locale.say("Restoranlara geç", "Skip to the restaurants"))
    } else {
        page
    }
}

/// Campaigns that hold now, those that end first before the others.
async fn offers(restaurants: &Restaurants, now: Timestamp, locale: Locale) -> Result<Vec<CampaignRow>, Problem> {
    let part = ListPage { offset: 0, limit: OFFERS_READ };
    let campaigns = actions::list_campaigns_by_restaurant(restaurants, part).await?;
    let running = campaigns.iter().filter(|(campaign, _)| campaign.is_running(now)).take(OFFERS);
    Ok(running.map(|(campaign, row)| CampaignRow::of(campaign, row.as_ref(), now, locale)).collect())
}

impl Body<'_> {
    /// What of the filters is behind the fold: all but the words.
    fn filters_title(&self) -> String {
        let words = usize::from(!self.asked.value(QUERY).is_empty());
        words::filters(self.active.len() - words, self.locale)
    }

    fn filter_choices(&self) -> Vec<Choice> {
        self.asked.filter_choices(self.locale)
    }

    fn cuisine_boxes(&self) -> Vec<(&'static str, &'static str, bool)> {
        self.asked.cuisine_boxes(self.locale)
    }

    fn order_choice(&self) -> Choice {
        self.asked.order_choice(self.locale)
    }
}

impl Card {
    fn of(found: &FoundRestaurant, now: Timestamp, locale: Locale) -> Self {
        let (restaurant, path) = (&found.full.restaurant, restaurant_path(&found.full.restaurant));
        let cuisines = found.full.cuisines.iter().map(|cuisine| cuisine.name().as_str());
        let place = found.full.address.as_ref().map(|address| address.district.as_str());
        let dishes = found.matches.iter().map(|dish| {
            let name = dish.name.as_str().to_owned();
            (format!("{path}/{}", slug(&name, dish.id.0)), name, money::amount(dish.price.into(), locale))
        });
        let fee = words::delivery_fee(restaurant.delivery_fee_kurus, locale);
        let terms = [words::min_order(restaurant.min_order_kurus, locale), Some(fee)];
        Self {
            picture: picture(cuisines.clone().chain([restaurant.name.as_str()]), restaurant.id.0),
            name: restaurant.name.as_str().to_owned(),
            about: cuisines.chain(place).collect::<Vec<_>>().join(" · "),
            opening: Opening::at(now, restaurant, locale),
            rating: words::rating(restaurant.rating_avg, restaurant.rating_count, locale),
            terms: terms.into_iter().flatten().chain(words::prep_time(restaurant.prep_time, locale)).collect(),
            dishes: dishes.collect(),
            path,
        }
    }
}
