//! What who runs the platform sees of campaigns, and does about them.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use contracts::CampaignId;
use kit::{Admin, Page, PageParameters, PageRequest, Problem};

use crate::actions::campaigns::{self, CampaignReport};
use crate::error::UserError;
use crate::state::User;

/// All campaigns that restaurants have announced, newest first.
#[utoipa::path(
    get,
    path = "/admin/campaigns",
    tag = "user",
    security(("bearer" = ["admin"])),
    params(PageParameters),
    responses(
        (status = 200, description = "One page", body = Page<CampaignReport>),
    )
)]
pub(super) async fn list_campaigns(
    State(user): State<Arc<User>>,
    _: Admin,
    page: PageRequest,
) -> Result<Answer<Page<CampaignReport>>, Problem> {
    let before = page.after.map(|cursor| CampaignId(cursor.0));
    let listed = campaigns::list(&user.context.database, before, page.limit + 1).await?;
    Ok(Answer(Page::of(listed, &page, |campaign| campaign.id.0, |campaign| campaign)))
}

/// A campaign.
#[utoipa::path(
    get,
    path = "/admin/campaigns/{id}",
    tag = "user",
    security(("bearer" = ["admin"])),
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses(
        (status = 200, description = "The campaign", body = CampaignReport),
        (status = 404, description = "CAMPAIGN_NOT_FOUND: no campaign of this id was announced"),
    )
)]
pub(super) async fn find_campaign(
    State(user): State<Arc<User>>,
    _: Admin,
    id: Result<Path<CampaignId>, PathRejection>,
) -> Result<Answer<CampaignReport>, Problem> {
    Ok(Answer(campaigns::find(&user.context.database, known(id)?).await?))
}

/// Lets a campaign stand: what has not left by now waits.
#[utoipa::path(
    post,
    path = "/admin/campaigns/{id}/pause",
    tag = "user",
    security(("bearer" = ["admin"])),
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses(
        (status = 200, description = "The campaign as it is now", body = CampaignReport),
        (status = 404, description = "CAMPAIGN_NOT_FOUND: no campaign of this id was announced"),
        (status = 409, description = "CAMPAIGN_STATE: it neither waits nor runs, and none of its mails is under way"),
    )
)]
pub(super) async fn pause_campaign(
    State(user): State<Arc<User>>,
    _: Admin,
    id: Result<Path<CampaignId>, PathRejection>,
) -> Result<Answer<CampaignReport>, Problem> {
    Ok(Answer(campaigns::pause(&user.context.database, known(id)?).await?))
}

/// Lets a campaign go on that stands.
#[utoipa::path(
    post,
    path = "/admin/campaigns/{id}/resume",
    tag = "user",
    security(("bearer" = ["admin"])),
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses(
        (status = 200, description = "The campaign as it is now", body = CampaignReport),
        (status = 404, description = "CAMPAIGN_NOT_FOUND: no campaign of this id was announced"),
        (status = 409, description = "CAMPAIGN_STATE: it is not paused"),
    )
)]
pub(super) async fn resume_campaign(
    State(user): State<Arc<User>>,
    _: Admin,
    id: Result<Path<CampaignId>, PathRejection>,
) -> Result<Answer<CampaignReport>, Problem> {
    Ok(Answer(campaigns::resume(&user.context.database, known(id)?).await?))
}

/// Ends a campaign for good: what has not left by now never does.
#[utoipa::path(
    post,
    path = "/admin/campaigns/{id}/cancel",
    tag = "user",
    security(("bearer" = ["admin"])),
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses(
        (status = 200, description = "The campaign as it is now", body = CampaignReport),
        (status = 404, description = "CAMPAIGN_NOT_FOUND: no campaign of this id was announced"),
        (status = 409, description = "CAMPAIGN_STATE: it is over, and none of its mails is under way"),
    )
)]
pub(super) async fn cancel_campaign(
    State(user): State<Arc<User>>,
    _: Admin,
    id: Result<Path<CampaignId>, PathRejection>,
) -> Result<Answer<CampaignReport>, Problem> {
    Ok(Answer(campaigns::cancel(&user.context.database, known(id)?).await?))
}

/// What is no id names no campaign.
fn known(id: Result<Path<CampaignId>, PathRejection>) -> Result<CampaignId, UserError> {
    id.map(|Path(id)| id).map_err(|_| UserError::UnknownCampaign)
}
