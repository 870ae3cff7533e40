//! `/kampanyalar`: what all restaurants, and the platform, promise for a time.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use clock::Timestamp;
use contracts::Locale;
use kit::{Page as Rows, PageRequest, Problem};
use web::{Page, Reader, dates};

use super::{offset, restaurant_path, words};
use crate::actions;
use crate::error::RestaurantError;
use crate::model::{ListPage, ListPart, TooDeep};
use crate::state::Restaurants;
use crate::store::campaign::Campaign;
use crate::store::restaurant::Restaurant;

/// Campaigns on one page.
const ROWS: u64 = 20;

#[derive(Template)]
#[template(path = "campaigns.html")]
struct Body {
    locale: Locale,
    campaigns: Rows<CampaignRow>,
}

/// A campaign as diners read it.
pub(super) struct CampaignRow {
    pub(super) title: String,
    pub(super) description: String,
    /// What is given off.
    pub(super) discount: Option<String>,
    /// What a diner types for it.
    pub(super) code: Option<String>,
    /// Where that is ahead, as HTML.
    pub(super) begins: Option<String>,
    /// As HTML.
    pub(super) ends: String,
    /// The page and the name of its restaurant; `None` where it is the platform's.
    pub(super) restaurant: Option<(String, String)>,
}

impl CampaignRow {
    pub(super) fn of(campaign: &Campaign, restaurant: Option<&Restaurant>, now: Timestamp, locale: Locale) -> Self {
        let parts = campaign.parts();
        let time = |at| dates::time_element(at, locale);
        Self {
            discount: words::discount(&parts, locale),
            title: parts.title.into(),
            description: parts.description.as_str().to_owned(),
            code: parts.code.map(|code| code.as_str().to_owned()),
            begins: Some(parts.start_date).filter(|start| *start > now).map(time),
            ends: time(parts.end_date),
            restaurant: restaurant.map(|row| (restaurant_path(row), row.name.as_str().to_owned())),
        }
    }
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    page: PageRequest<i64>,
) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let request = PageRequest { limit: ROWS, ..page };
    let first = offset(&request);
    let part = ListPart { offset: Some(first), limit: Some(ROWS + 1), ..ListPart::default() };
    let part = ListPage::of(ROWS, part).map_err(|TooDeep| RestaurantError::CampaignNotFound)?;
    let found = actions::list_campaigns_by_restaurant(&restaurants, part).await?;
    let rows = found.into_iter().zip(first.cast_signed() + 1..).collect();
    let show = |((campaign, restaurant), _): ((Campaign, Option<Restaurant>), i64)| {
        CampaignRow::of(&campaign, restaurant.as_ref(), now, locale)
    };
    let campaigns = Rows::of(rows, &request, |(_, place)| *place, show);
    let body = Body { locale, campaigns };
    Ok(Page::of(&reader, locale.say("Kampanyalar", "Campaigns"), &body).wide())
}
