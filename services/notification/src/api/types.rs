//! Which messages there are.

use axum::Json as Answer;
use contracts::MailKind;
use kit::{InLanguage, Language};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::mail_message::sent_name;
use crate::model::wording::purpose;

/// All types of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SupportedTypes {
    supported_types: Vec<SupportedType>,
}

/// One type of message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SupportedType {
    /// Its name in `type`.
    #[schema(example = "verification")]
    r#type: &'static str,
    /// What it is for, in the language of the request.
    description: String,
    /// The variables that it needs.
    #[schema(example = json!(["code"]))]
    required_variables: Vec<&'static str>,
}

/// Lists the types of messages with the variables that each needs.
#[utoipa::path(
    get,
    path = "/notification/types",
    tag = "notification",
    responses((status = 200, description = "All types", body = SupportedTypes))
)]
pub(super) async fn list_types(Language(locale): Language) -> InLanguage<Answer<SupportedTypes>> {
    let shown = |kind: MailKind| SupportedType {
        r#type: kind.as_str(),
        description: purpose(kind).in_locale(locale).to_owned(),
        required_variables: kind.variables().iter().map(|variable| sent_name(variable.name)).collect(),
    };
    InLanguage(locale, Answer(SupportedTypes { supported_types: MailKind::all().map(shown).collect() }))
}
