//! `/isletme/{r}/kampanyalar`: what a restaurant promises for a time, what followers are written of it, and its end.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use contracts::{CampaignId, Locale};
use kit::Problem;
use web::{Flash, Page, Reader, dates};

use super::announcement::Announcement;
use super::answer::Done;
use super::asked::{OwnRestaurant, Part, PartId};
use super::campaign_form::{Fact, facts};
use super::frame::{DeleteQuestion, Tab, page as page_of};
use super::state_text::StateChip;
use super::words;
use crate::actions::{self, WantedCampaigns};
use crate::error::RestaurantError;
use crate::state::Restaurants;
use crate::store::campaign::Campaign;

#[derive(Template)]
#[template(path = "business/campaigns.html")]
struct ListBody {
    locale: Locale,
    root: String,
    running: Vec<Row>,
    ended: Vec<Row>,
}

struct Row {
    id: CampaignId,
    title: String,
    dates: String,
    state: StateChip,
}

#[derive(Template)]
#[template(path = "business/campaign.html")]
struct OneBody {
    locale: Locale,
    path: String,
    back: String,
    description: String,
    state: StateChip,
    /// Since when followers are written of it, as HTML.
    announced_at: Option<String>,
    facts: Vec<Fact>,
    announcement: Announcement,
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let rows = async |wanted| {
        let list = actions::list_campaigns_of(&restaurants, own.id(), Some(own.writer), wanted).await?;
        Ok::<_, Problem>(list.iter().map(|campaign| Row::new(campaign, now, locale)).collect())
    };
    let running = rows(WantedCampaigns::Running).await?;
    let ended = rows(WantedCampaigns::Ended).await?;
    let body = ListBody { locale, root: own.path("/kampanyalar"), running, ended };
    page_of(&reader, &own, (Tab::Campaigns, locale.say("Kampanyalar", "Campaigns")), &body)
}

pub(super) async fn show_one(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CampaignId>,
) -> Result<Page, Problem> {
    let (locale, now) = (reader.locale, restaurants.context.now());
    let campaign = find(&restaurants, &own, id).await?;
    let preview = actions::preview_campaign(&restaurants, own.writer, id).await?;
    let body = OneBody {
        locale,
        path: own.path(&format!("/kampanyalar/{id}")),
        back: own.path("/kampanyalar"),
        description: campaign.parts().description.as_str().to_owned(),
        state: state_of(&campaign, now, locale),
        announced_at: campaign.announced_at.map(|at| dates::time_element(at, locale)),
        facts: facts(&preview.parts, locale),
        announcement: Announcement::of(preview, locale),
    };
    page_of(&reader, &own, (Tab::Campaigns, campaign.parts().title.as_str()), &body)
}

pub(super) async fn ask_to_withdraw(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CampaignId>,
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let campaign = find(&restaurants, &own, id).await?;
    let path = own.path(&format!("/kampanyalar/{id}"));
    let question = DeleteQuestion {
        locale,
        question: words::withdraw_campaign(campaign.parts().title.as_str(), locale),
        consequence: locale.say(
            "Henüz gitmemiş postalar gitmez, indirim artık geçmez. Verilmiş siparişler değişmez.",
            "Mails that have not gone out stay here, and the discount holds no more. Orders that were placed stay as they are.",
        ),
        button: locale.say("Geri çek", "Withdraw it"),
        action: format!("{path}/sil"),
        back: path,
    };
    page_of(&reader, &own, (Tab::Campaigns, locale.say("Kampanyayı geri çek", "Withdraw the campaign")), &question)
}

pub(super) async fn withdraw(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CampaignId>,
) -> Result<Response, Problem> {
    find(&restaurants, &own, id).await?;
    actions::delete_campaign(&restaurants, own.writer, id).await?;
    Ok(Done { flash: Flash::CampaignWithdrawn, path: own.path("/kampanyalar") }.seen_by(&reader))
}

/// The campaign, where it is of this restaurant.
pub(super) async fn find(
    restaurants: &Restaurants,
    own: &OwnRestaurant,
    id: CampaignId,
) -> Result<Campaign, RestaurantError> {
    let campaign = actions::find_campaign(restaurants, id, Some(own.writer)).await?;
    if campaign.restaurant_id == Some(own.id()) { Ok(campaign) } else { Err(CampaignId::unknown()) }
}

fn state_of(campaign: &Campaign, now: Timestamp, locale: Locale) -> StateChip {
    let (text, class) = if campaign.has_ended(now) {
        (locale.say("Bitti", "Ended"), "bad")
    } else if campaign.parts().start_date > now {
        (locale.say("Başlayacak", "Will begin"), "warn")
    } else if campaign.is_announced(now) {
        (locale.say("Sürüyor · duyuruldu", "Running · announced"), "good")
    } else {
        (locale.say("Sürüyor · henüz duyurulmadı", "Running · not announced yet"), "good")
    };
    StateChip { text: text.to_owned(), class }
}

impl Row {
    fn new(campaign: &Campaign, now: Timestamp, locale: Locale) -> Self {
        let parts = campaign.parts();
        let (from, until) = (dates::date(parts.start_date, locale), dates::date(parts.end_date, locale));
        Self {
            id: campaign.id,
            title: parts.title.as_str().to_owned(),
            dates: format!("{from} – {until}"),
            state: state_of(campaign, now, locale),
        }
    }
}
