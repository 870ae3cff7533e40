//! A campaign is written or changed in three steps: the form, what it will say to whom, and the confirmation of that.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contracts::{CampaignId, Locale};
use kit::Problem;
use kit::idempotency::Answer;
use web::{Flash, Page, Reader, Typed};

use super::announcement::Announcement;
use super::answer::{Done, answer, changed_meanwhile};
use super::asked::{OwnRestaurant, Part, new_key, request_of};
use super::campaign_form::{CampaignFields, Fact, campaign_body, facts, typed as typed_campaign};
use super::campaigns::find;
use super::frame::{Tab, page as page_of};
use crate::actions::{self, CampaignPreview, CreateCampaign};
use crate::api::campaign_body::{CreateCampaign as CampaignBody, UpdateCampaign};
use crate::state::Restaurants;

#[derive(Template)]
#[template(path = "business/campaign_form.html")]
struct FormPage<'a> {
    locale: Locale,
    form: &'a Typed,
    fields: CampaignFields<'a>,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(path = "business/campaign_preview.html")]
struct PreviewPage<'a> {
    locale: Locale,
    form: &'a Typed,
    /// As it will be sent once it is confirmed.
    hidden: Vec<&'a (String, String)>,
    key: String,
    action: String,
    facts: Vec<Fact>,
    announcement: Announcement,
    /// Whether followers are written of it as soon as it is confirmed.
    is_sent_at_once: bool,
}

/// Fields that say nothing of the campaign: the button, and the key of a preview.
const NO_CONTENT: [&str; 2] = ["adim", "istek"];

/// Which campaign the form is of.
#[derive(Clone, Copy)]
enum Campaign {
    New,
    Of(CampaignId),
}

/// What the button says that sent the form.
enum Step {
    Preview,
    Correct,
    Publish,
}

impl Step {
    fn of(typed: &Typed) -> Self {
        match typed.value("adim") {
            "yayinla" => Self::Publish,
            "duzelt" => Self::Correct,
            _ => Self::Preview,
        }
    }
}

pub(super) async fn show_new(reader: Reader, own: OwnRestaurant) -> Result<Page, Problem> {
    form_page(&reader, &own, (Campaign::New, &Typed::default()))
}

pub(super) async fn create_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    typed: Typed,
) -> Result<Response, Problem> {
    take(&restaurants, &reader, &own, (Campaign::New, typed)).await
}

pub(super) async fn show(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CampaignId>,
) -> Result<Page, Problem> {
    let current = typed_campaign(&find(&restaurants, &own, id).await?.parts(), reader.locale);
    form_page(&reader, &own, (Campaign::Of(id), &current.clone().marked_by(&current)))
}

/// Changes it once that is confirmed. Done twice it is done once.
pub(super) async fn update_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    own: OwnRestaurant,
    Part(id): Part<CampaignId>,
    typed: Typed,
) -> Result<Response, Problem> {
    let current = typed_campaign(&find(&restaurants, &own, id).await?.parts(), reader.locale);
    if typed.has_seen(&current, &NO_CONTENT) {
        return take(&restaurants, &reader, &own, (Campaign::Of(id), typed)).await;
    }
    let show = async |form| form_page(&reader, &own, (Campaign::Of(id), &form));
    answer(&reader, typed.marked_by(&current), Err(changed_meanwhile()), show).await
}

async fn take(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (campaign, typed): (Campaign, Typed),
) -> Result<Response, Problem> {
    let done = match Step::of(&typed) {
        Step::Correct => return Ok(form_page(reader, own, (campaign, &typed))?.into_response()),
        Step::Preview => match preview(restaurants, own, &typed).await {
            Ok(preview) => {
                return Ok(preview_page(restaurants, reader, own, (campaign, &typed, preview))?.into_response());
            }
            Err(problem) => Err(problem),
        },
        Step::Publish => publish(restaurants, own, (campaign, &typed)).await,
    };
    let done = done.map(|id| Done { flash: Flash::CampaignSaved, path: own.path(&format!("/kampanyalar/{id}")) });
    answer(reader, typed, done, async |form| form_page(reader, own, (campaign, &form))).await
}

async fn preview(restaurants: &Restaurants, own: &OwnRestaurant, typed: &Typed) -> Result<CampaignPreview, Problem> {
    let (_, parts) = campaign_body(typed).read(CampaignBody::parts)?;
    Ok(actions::preview_new_campaign(restaurants, own.writer, (Some(own.id()), parts)).await?)
}

/// Writes it down, or its change, and answers which one it is.
async fn publish(
    restaurants: &Restaurants,
    own: &OwnRestaurant,
    (campaign, typed): (Campaign, &Typed),
) -> Result<CampaignId, Problem> {
    // All of it is sent again, so what would be missing in a new one is missing in a change.
    let (_, parts) = campaign_body(typed).read(CampaignBody::parts)?;
    if let Campaign::Of(id) = campaign {
        let change = campaign_body(typed).read(UpdateCampaign::change)?;
        return Ok(actions::update_campaign(restaurants, own.writer, id, change).await?.id);
    }
    let request = request_of(restaurants, own.writer, typed, &("campaign", own.id(), &parts))?;
    let new = CreateCampaign { writer: own.writer, restaurant_id: Some(own.id()), parts };
    let answer = actions::create_campaign(restaurants, Some(request), new, |created| Answer::created(created.id));
    Ok(answer.await?.id()?)
}

fn place(own: &OwnRestaurant, campaign: Campaign) -> (String, String) {
    match campaign {
        Campaign::New => (own.path("/kampanyalar/yeni"), own.path("/kampanyalar")),
        Campaign::Of(id) => {
            let back = own.path(&format!("/kampanyalar/{id}"));
            (format!("{back}/degistir"), back)
        }
    }
}

fn form_page(reader: &Reader, own: &OwnRestaurant, (campaign, form): (Campaign, &Typed)) -> Result<Page, Problem> {
    let locale = reader.locale;
    let (action, back) = place(own, campaign);
    let title = match campaign {
        Campaign::New => locale.say("Yeni kampanya", "New campaign"),
        Campaign::Of(_) => locale.say("Kampanyayı değiştir", "Change the campaign"),
    };
    let body = FormPage { locale, form, fields: CampaignFields { locale, form }, action, back };
    page_of(reader, own, (Tab::Campaigns, title), &body)
}

fn preview_page(
    restaurants: &Restaurants,
    reader: &Reader,
    own: &OwnRestaurant,
    (campaign, form, preview): (Campaign, &Typed, CampaignPreview),
) -> Result<Page, Problem> {
    let locale = reader.locale;
    let is_sent_at_once = preview.parts.start_date <= restaurants.context.now();
    let (facts, announcement) = (facts(&preview.parts, locale), Announcement::of(preview, locale));
    let (action, _) = place(own, campaign);
    let hidden = form.fields().iter().filter(|(name, _)| !NO_CONTENT.contains(&name.as_str())).collect();
    let key = new_key(&restaurants.context.sources);
    let body = PreviewPage { locale, form, hidden, key, action, facts, announcement, is_sent_at_once };
    page_of(reader, own, (Tab::Campaigns, locale.say("Kampanya önizlemesi", "Preview of the campaign")), &body)
}
