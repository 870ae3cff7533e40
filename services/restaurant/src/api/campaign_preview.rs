//! What a campaign will say, and to how many: for those who may write it.

use std::sync::Arc;

use axum::Json as Answered;
use axum::extract::State;
use chrono::{DateTime, Utc};
use contracts::{AudienceCounted, Locale};
use kit::{InLanguage, Json, Language, Problem, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::{self, CampaignPreview};
use crate::model::CampaignMail;
use crate::state::Restaurants;
use crate::store::audience::Audience;

use super::asked::{AskedCampaign, SignedIn};
use super::campaign_body::CreateCampaign;

type Preview = InLanguage<Answered<PreviewBody>>;

/// What a campaign will say, and to how many. That of the platform is announced to nobody: it has no mails and no audience.
#[utoipa::path(
    get,
    path = "/campaigns/{id}/preview",
    tag = "restaurant",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The campaign", min_length = 1)),
    responses(
        (status = 200, description = "What is to be announced", body = PreviewBody),
        (status = 403, description = "It is not the caller's"),
        (status = 404, description = "There is no such campaign"),
    )
)]
pub(super) async fn preview_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    AskedCampaign(id): AskedCampaign,
) -> Result<Preview, Problem> {
    Ok(answer(language, actions::preview_campaign(&restaurants, writer, id).await?))
}

/// The same of a campaign that is not written down.
#[utoipa::path(
    post,
    path = "/campaigns/preview",
    tag = "restaurant",
    security(("bearer" = [])),
    request_body = CreateCampaign,
    responses(
        (status = 200, description = "What would be announced", body = PreviewBody),
        (status = 403, description = "The restaurant is not the caller's"),
        (status = 404, description = "There is no such restaurant"),
    )
)]
pub(super) async fn preview_new_campaign(
    State(restaurants): State<Arc<Restaurants>>,
    Language(language): Language,
    SignedIn(writer): SignedIn,
    Json(body): Json<CreateCampaign>,
) -> Result<Preview, Problem> {
    Ok(answer(language, actions::preview_new_campaign(&restaurants, writer, body.parts()?).await?))
}

/// What is announced of a campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPreview)]
pub(super) struct PreviewBody {
    /// When it is announced; at once where that is past.
    starts_at: DateTime<Utc>,
    /// Nobody is written of it later.
    ends_at: DateTime<Utc>,
    /// One for each language; none of a campaign of the platform.
    mails: Vec<MailBody>,
    /// `null` for a campaign of the platform.
    audience: Option<AudienceBody>,
}

/// The mail as those read it whose language it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignMail)]
pub(super) struct MailBody {
    locale: Locale,
    #[schema(example = "Kampanya: Hafta sonu indirimi")]
    subject: String,
    text: String,
}

/// How many a campaign reaches. Fewer than five are not counted out, so that nobody learns who they are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignAudience)]
pub(super) struct AudienceBody {
    /// All who follow the restaurant, or what it cooks; `null` where they are fewer than five, or not counted yet.
    #[schema(minimum = 5, example = 1204)]
    followers: Option<i64>,
    /// Why there is no number.
    #[schema(example = "5'ten az")]
    followers_text: Option<String>,
    /// Those among them who have agreed to such mails; `null` in the same way.
    #[schema(minimum = 5, example = 811)]
    consenting: Option<i64>,
    /// Why there is no number.
    #[schema(example = "5'ten az")]
    consenting_text: Option<String>,
    /// `null` where they were not counted yet.
    counted_at: Option<DateTime<Utc>>,
}

fn answer(language: Locale, CampaignPreview { parts, of_restaurant }: CampaignPreview) -> Preview {
    let (mails, audience) = match of_restaurant {
        Some(preview) => (preview.mails.map(MailBody::from).into(), Some(AudienceBody::of(preview.audience, language))),
        None => (Vec::new(), None),
    };
    let body = PreviewBody { starts_at: parts.start_date, ends_at: parts.end_date, mails, audience };
    InLanguage(language, Answered(body))
}

impl From<CampaignMail> for MailBody {
    fn from(CampaignMail { locale, subject, text }: CampaignMail) -> Self {
        Self { locale, subject, text }
    }
}

impl AudienceBody {
    fn of(audience: Option<Audience>, language: Locale) -> Self {
        let missing = uncounted(audience);
        let missing = |counted: Option<i64>| counted.is_none().then(|| missing.in_locale(language).to_owned());
        let followers = audience.and_then(|audience| audience.followers);
        let consenting = audience.and_then(|audience| audience.consenting);
        Self {
            followers,
            followers_text: missing(followers),
            consenting,
            consenting_text: missing(consenting),
            counted_at: audience.and_then(|audience| audience.counted_at),
        }
    }
}

/// Why there is no number of those who follow a restaurant.
pub(super) fn uncounted(audience: Option<Audience>) -> Text {
    if audience.is_some() { few() } else { NOT_COUNTED }
}

const NOT_COUNTED: Text = Text::new("henüz sayılmadı", "not counted yet");

fn few() -> Text {
    const { assert!(AudienceCounted::LEAST_COUNTED == 5, "the text says five") };
    Text::new("5'ten az", "fewer than 5")
}
