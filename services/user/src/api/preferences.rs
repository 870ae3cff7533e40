//! Language and commercial mail.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use chrono::{DateTime, Utc};
use contracts::{Locale, UserId};
use kit::{Claim, Client, Faults, Field, FromField, Json, Owner, Problem, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::actions;
use crate::model::{CommercialMail, CommercialMailAnswer, ConsentRequest, Preferences, PreferencesChange, TextVersion};
use crate::state::User;

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdatePreferences {
    #[serde(default)]
    #[schema(value_type = Locale)]
    locale: Field<Locale>,
    #[serde(default)]
    #[schema(value_type = AnswerCommercialMail)]
    commercial_mail: Field<CommercialMailAnswer>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
}

/// The user's answer to whether commercial mail is welcome.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AnswerCommercialMail {
    #[serde(default)]
    #[schema(required, value_type = bool)]
    granted: Field<bool>,
    /// The version of the text that the user saw; consent needs it, a refusal does not.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-01")]
    text_version: Field<TextVersion>,
}

/// What applies to a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserPreferences)]
pub(super) struct PreferencesBody {
    locale: Locale,
    commercial_mail: CommercialMailBody,
}

/// Whether commercial mail may be sent. `at` and `text_version` are `null` until the user has answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommercialMailBody {
    granted: bool,
    /// When the answer was given.
    at: Option<DateTime<Utc>>,
    /// The version of the text that it was given to.
    #[schema(value_type = Option<String>)]
    text_version: Option<TextVersion>,
}

impl FromField for CommercialMailAnswer {
    fn from_field(raw: Value, faults: &mut Faults) -> Option<Self> {
        let AnswerCommercialMail { granted, text_version } = faults.object(raw)?;
        let granted = faults.required("granted", granted);
        let text_version = faults.unless_null("text_version", text_version);
        match (granted?, text_version) {
            (true, Some(text_version)) => Some(Self::Grant { text_version }),
            (true, None) => {
                if faults.is_empty() {
                    faults.add("text_version", "TEXT_VERSION_REQUIRED", TEXT_VERSION_REQUIRED);
                }
                None
            }
            (false, text_version) => Some(Self::Refuse { text_version }),
        }
    }
}

const TEXT_VERSION_REQUIRED: Text =
    Text::new("Onay verilen metnin text_version değeri gereklidir.", "Consent needs the text_version of its text.");

impl From<Preferences> for PreferencesBody {
    fn from(preferences: Preferences) -> Self {
        let (granted, at, text_version) = match preferences.commercial_mail {
            CommercialMail::Unanswered => (false, None, None),
            CommercialMail::Granted { at, text_version } => (true, Some(at), Some(text_version)),
            CommercialMail::Refused { at, text_version } => (false, Some(at), text_version),
        };
        Self { locale: preferences.locale, commercial_mail: CommercialMailBody { granted, at, text_version } }
    }
}

/// The preferences of the signed-in user.
#[utoipa::path(
    get,
    path = "/users/preferences",
    tag = "user",
    security(("bearer" = ["owner"])),
    responses(
        (status = 200, description = "The preferences", body = PreferencesBody),
    )
)]
pub(super) async fn find_preferences(
    State(user): State<Arc<User>>,
    owner: Owner,
) -> Result<Answer<PreferencesBody>, Problem> {
    let preferences = actions::find_preferences(&user, owner.user_id).await?;
    Ok(Answer(preferences.into()))
}

/// Changes the preferences that are sent, and leaves the others. The time of an answer is the server's.
#[utoipa::path(
    put,
    path = "/users/preferences",
    tag = "user",
    security(("bearer" = ["owner"])),
    request_body = UpdatePreferences,
    responses(
        (status = 200, description = "The preferences as they are now", body = PreferencesBody),
        (status = 429, description = "The caller has agreed to commercial mail too often today"),
    )
)]
pub(super) async fn update_preferences(
    State(user): State<Arc<User>>,
    owner: Owner,
    client: Client,
    Json(body): Json<UpdatePreferences>,
) -> Result<Answer<PreferencesBody>, Problem> {
    owner.check(&body.user_id)?;
    let mut faults = Faults::default();
    let change = PreferencesChange {
        locale: faults.optional("locale", body.locale),
        commercial_mail: faults.optional("commercial_mail", body.commercial_mail),
    };
    faults.check()?;
    let request = ConsentRequest { prefix: Some(client.network().to_string()), agent: client.user_agent };
    let preferences = actions::update_preferences(&user, owner.user_id, change, request).await?;
    Ok(Answer(preferences.into()))
}
