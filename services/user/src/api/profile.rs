//! Profiles, in the shapes of the first platform.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use contracts::{Phone, UserId};
use kit::{Claim, Faults, Field, InLanguage, Json, Language, Owner, Problem, required_fields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::model::{BornDate, FullName, Gender, ProfileChange, ProfileDetails};
use crate::state::User;
use crate::store::profile::Profile;

/// What completes a profile.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CompleteRegistration {
    /// 1 to 100 characters.
    #[serde(default)]
    #[schema(required, value_type = String, min_length = 1, max_length = 100, example = "Ayşe Yılmaz")]
    full_name: Field<FullName>,
    /// A past day since 1900.
    #[serde(default)]
    #[schema(required, value_type = NaiveDate, example = "1990-05-17")]
    born_date: Field<BornDate>,
    #[serde(default)]
    #[schema(required, value_type = Gender)]
    gender: Field<Gender>,
    /// A Turkish number in any usual form, or `+` and the country first.
    #[serde(default)]
    #[schema(required, value_type = String, example = "0532 123 45 67")]
    phone: Field<Phone>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
}

/// What changes in a profile; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateProfile {
    /// 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ayşe Kaya")]
    full_name: Field<FullName>,
    /// A past day since 1900.
    #[serde(default)]
    #[schema(value_type = NaiveDate, example = "1990-05-17")]
    born_date: Field<BornDate>,
    #[serde(default)]
    #[schema(value_type = Gender)]
    gender: Field<Gender>,
    /// A Turkish number in any usual form, or `+` and the country first.
    #[serde(default)]
    #[schema(value_type = String, example = "0532 123 45 67")]
    phone: Field<Phone>,
    /// Needless; when it is sent, it must be the caller's own.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Claim,
}

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserProfile)]
pub(super) struct ProfileBody {
    id: UserId,
    #[schema(value_type = String)]
    full_name: FullName,
    born_date: NaiveDate,
    gender: Gender,
    /// In E.164.
    #[schema(value_type = String, example = "+905321234567")]
    phone: Phone,
}

/// The profile was completed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationCompleted {
    #[schema(example = "User registration completed")]
    message: &'static str,
    user: CompletedProfile,
}

/// A profile with its times.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CompletedProfile {
    #[serde(flatten)]
    profile: ProfileBody,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Always `null`; clients of the first platform know the field.
    deleted_at: Option<DateTime<Utc>>,
}

impl From<Profile> for ProfileBody {
    fn from(profile: Profile) -> Self {
        let Profile { user_id: id, full_name, born_date, gender, phone, created_at: _, updated_at: _ } = profile;
        Self { id, full_name, born_date, gender, phone }
    }
}

/// The profile of the signed-in user.
#[utoipa::path(
    get,
    path = "/users/me",
    tag = "user",
    security(("bearer" = ["owner"])),
    responses(
        (status = 200, description = "The profile", body = ProfileBody),
        (status = 404, description = "The profile is not completed yet"),
    )
)]
pub(super) async fn find_profile(State(user): State<Arc<User>>, owner: Owner) -> Result<Answer<ProfileBody>, Problem> {
    let profile = actions::find_profile(&user, owner.user_id).await?;
    Ok(Answer(profile.into()))
}

/// Completes the profile of the signed-in user, once.
#[utoipa::path(
    post,
    path = "/users/register/complete",
    tag = "user",
    security(("bearer" = ["owner"])),
    request_body = CompleteRegistration,
    responses(
        (status = 201, description = "The profile is complete", body = RegistrationCompleted),
        (status = 400, description = "It was complete before, or the body is no JSON object"),
        (status = 403, description = "Nobody vouches for the user, or another user is named"),
    )
)]
pub(super) async fn complete_registration(
    State(user): State<Arc<User>>,
    Language(locale): Language,
    owner: Owner,
    Json(body): Json<CompleteRegistration>,
) -> Result<(StatusCode, InLanguage<Answer<RegistrationCompleted>>), Problem> {
    owner.check(&body.user_id)?;
    let (full_name, born_date, gender, phone) = required_fields!(body => full_name, born_date, gender, phone)?;
    let details = ProfileDetails { full_name, born_date, gender, phone };
    let profile = actions::complete_registration(&user, owner.user_id, details).await?;
    let (created_at, updated_at) = (profile.created_at, profile.updated_at);
    let user = CompletedProfile { profile: profile.into(), created_at, updated_at, deleted_at: None };
    let message = locale.say("Kaydınız tamamlandı.", "User registration completed");
    Ok((StatusCode::CREATED, InLanguage(locale, Answer(RegistrationCompleted { message, user }))))
}

/// Changes the fields that are sent, and leaves the others.
#[utoipa::path(
    put,
    path = "/users/me",
    tag = "user",
    security(("bearer" = ["owner"])),
    request_body = UpdateProfile,
    responses(
        (status = 200, description = "The profile as it is now", body = ProfileBody),
        (status = 404, description = "The profile is not completed yet"),
    )
)]
pub(super) async fn update_profile(
    State(user): State<Arc<User>>,
    owner: Owner,
    Json(body): Json<UpdateProfile>,
) -> Result<Answer<ProfileBody>, Problem> {
    owner.check(&body.user_id)?;
    let mut faults = Faults::default();
    let change = ProfileChange {
        full_name: faults.optional("full_name", body.full_name),
        born_date: faults.optional("born_date", body.born_date),
        gender: faults.optional("gender", body.gender),
        phone: faults.optional("phone", body.phone),
    };
    faults.check()?;
    let profile = actions::update_profile(&user, owner.user_id, change).await?;
    Ok(Answer(profile.into()))
}
