//! Campaigns: everybody's to see, their owners' to change; those of the platform are the admins'.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use kit::idempotency::{Answer, Key, Request};
use kit::{Faults, IdempotencyKey, Json, Language, Parameter, Parameters, Problem};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actions::{self, WantedCampaigns};
use crate::model::ListPage;
use crate::state::Restaurants;

use super::asked::{AskedCampaign, AskedId, Reader, SignedIn};
use super::campaign_body::{CampaignBody, CampaignCreated, CreateCampaign, UpdateCampaign};
use super::listing::{Flag, ListParameters};

/// What a key of a client stands for.
const SCOPE: &str = "campaign creation";

/// The campaigns that have not ended, of restaurants that everybody sees and of the platform; the one that ends first before the
/// others. Without a page or a limit up to 100.
#[utoipa::path(
    get,
    path = "/campaigns",
    tag = "restaurant",
    params(ListParameters),
    responses((status = 200, description = "Part of the list", body = [CampaignBody]))
)]
pub(super) async fn list_campaigns(
    State(restaurants): State<Arc<Restaurants>>,
    Parameters(part): Parameters<ListParameters>,
) -> Result<Answered<Vec<CampaignBody>>, Problem> {
    // Clients of the first platform expect all of them.
    let list = actions::list_campaigns(&restaurants, part.page(ListPage::MOST)?).await?;
    Ok(Answered(list.into_iter().map(CampaignBody::from).collect()))
}

/// Which campaigns of a restaurant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedParameters {
    /// `true`: those that have ended, in place of those that have not.
    #[serde(default)]
    #[param(required = false, value_type = bool)]
    ended: Parameter<Flag>,
}

/// The campaigns of one restaurant, the one that ends first before the others; the oldest of those that have ended make room for
/// new ones. Those of a draft are seen by its owner and by admins alone.
#[utoipa::path(
    get,
    path = "/restaurants/{id}/campaigns",
    tag = "restaurant",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The restaurant", min_length = 1), WantedParameters),
    responses(
        (status = 200, description = "All of them, 50 at most", body = [CampaignBody]),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn list_campaigns_of(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedId(id): AskedId,
    Parameters(parameters): Parameters<WantedParameters>,
) -> Result<Answered<Vec<CampaignBody>>, Problem> {
    let wanted = parameters.wanted()?;
    let list = reader.found(actions::list_campaigns_of(&restaurants, id, reader.writer(), wanted).await)?;
    Ok(Answered(list.into_iter().map(CampaignBody::from).collect()))
}

/// Writes down a campaign of a restaurant of the caller's, or of the platform. Sent again with the same `Idempotency-Key` within a
/// day, the same request writes no second one.
#[utoipa::path(
    post,
    path = "/campaigns",
    tag = "restaurant",
    security(("bearer" = [])),
    params(IdempotencyKey),
    request_body = CreateCampaign,
    responses(
        (
            status = 201,
            description = "The campaign is written down",
            body = CampaignCreated,
            headers(("Idempotent-Replayed" = bool, description = "`true` where an earlier request wrote it down"))
        ),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
        (status = 409, description = "There are too many, or another has the code"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn create_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    key: Option<IdempotencyKey>,
    Json(body): Json<CreateCampaign>,
) -> Result<Answer, Problem> {
    let (restaurant_id, parts) = body.parts()?;
    let vault = restaurants.context.database.vault();
    let asked = (restaurant_id, &parts);
    let request = key.map(|key| Request::new(vault, SCOPE, (writer.user_id, Key::Sent(&key)), &asked));
    let new = actions::CreateCampaign { writer, restaurant_id, parts };
    let answer = actions::create_campaign(&restaurants, request, new, |campaign| {
        let message = language.say("Kampanya oluşturuldu.", "Campaign created successfully");
        Answer::json(StatusCode::CREATED, language, &CampaignCreated { message, id: campaign.id })
    });
    Ok(answer.await?)
}

/// One campaign, also one that has ended. That of a draft is seen by its owner and by admins alone.
#[utoipa::path(
    get,
    path = "/campaigns/{id}",
    tag = "restaurant",
    security((), ("bearer" = [])),
    params(("id" = String, Path, description = "The campaign", min_length = 1)),
    responses(
        (status = 200, description = "The campaign", body = CampaignBody),
        (status = 404, description = "There is no such campaign"),
    )
)]
pub(super) async fn find_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    reader: Reader,
    AskedCampaign(id): AskedCampaign,
) -> Result<Answered<CampaignBody>, Problem> {
    Ok(Answered(reader.found(actions::find_campaign(&restaurants, id, reader.writer()).await)?.into()))
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/campaigns/{id}",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The campaign", min_length = 1)),
    request_body = UpdateCampaign,
    responses(
        (status = 200, description = "The campaign as it is now", body = CampaignBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such campaign"),
        (status = 409, description = "Another campaign has the code"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn update_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedCampaign(id): AskedCampaign,
    Json(body): Json<UpdateCampaign>,
) -> Result<Answered<CampaignBody>, Problem> {
    Ok(Answered(actions::update_campaign(&restaurants, writer, id, body.change()?).await?.into()))
}

/// Deletes a campaign.
#[utoipa::path(
    delete,
    path = "/campaigns/{id}",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The campaign", min_length = 1)),
    responses(
        (status = 200, description = "The campaign as it was", body = CampaignBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such campaign"),
        (status = 429, description = "The caller has written too often today"),
    )
)]
pub(super) async fn delete_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    SignedIn(writer): SignedIn,
    AskedCampaign(id): AskedCampaign,
) -> Result<Answered<CampaignBody>, Problem> {
    Ok(Answered(actions::delete_campaign(&restaurants, writer, id).await?.into()))
}

impl WantedParameters {
    fn wanted(self) -> Result<WantedCampaigns, Problem> {
        let mut faults = Faults::default();
        let ended = faults.parameter("ended", self.ended);
        faults.check()?;
        Ok(if let Some(Flag(true)) = ended { WantedCampaigns::Ended } else { WantedCampaigns::Running })
    }
}
