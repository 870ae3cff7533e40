//! A mail by hand, for admins.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use contracts::{EmailAddress, EmailEvent, Locale};
use kit::idempotency::{Answer, Key, Request};
use kit::{Admin, Faults, Field, FieldValue, IdempotencyKey, Json, Language, Problem, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::actions;
use crate::error::NotificationError;
use crate::model::mail_message;
use crate::state::Notification;

/// A mail to send. `subject` and `template` are ignored, as on the first platform: the type decides.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RequestMail {
    /// One of the names that `/notification/types` lists.
    #[serde(default)]
    #[schema(required, value_type = String, example = "verification")]
    r#type: Field<Word>,
    /// Who gets it.
    #[serde(default)]
    #[schema(required, value_type = String, format = Email, example = "ayse@example.com")]
    to: Field<EmailAddress>,
    /// In which language; that of the request when left out.
    #[serde(default)]
    #[schema(value_type = Locale)]
    locale: Field<Locale>,
    /// What `/notification/types` says that the type needs; `code` may be called `token`.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"code": "…"}))]
    variables: Field<Variables>,
}

/// What the body says, by which a repeat is known: whoever repeats it may speak another language.
#[derive(Debug, Serialize)]
struct Asked {
    r#type: String,
    to: EmailAddress,
    locale: Option<Locale>,
    variables: BTreeMap<String, String>,
}

/// Any text.
#[derive(Debug)]
pub(super) struct Word(String);

/// Texts by name.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

/// The mail is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sent {
    /// That it is, in the language of the request.
    message: String,
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
}

/// What a key of an admin stands for.
const SCOPE: &str = "notification request";
const ACCEPTED: Text = Text::new("İleti yola çıktı.", "The mail is on its way.");

/// Sends a mail by hand. It is recorded as an event and leaves like every other mail; sent again with the same
/// `Idempotency-Key` within a day, the same request asks for no second one.
#[utoipa::path(
    post,
    path = "/notification/send",
    tag = "notification",
    security(("bearer" = ["admin"])),
    params(IdempotencyKey),
    request_body = RequestMail,
    responses(
        (
            status = 200,
            description = "The mail is recorded",
            body = Sent,
            headers(("Idempotent-Replayed" = bool, description = "`true` where it was recorded by an earlier request"))
        ),
        (status = 400, description = "Not JSON, an unknown type, a missing variable or an ill-formed key"),
    )
)]
pub(super) async fn request_mail(
    State(notification): State<Arc<Notification>>,
    Admin(admin): Admin,
    Language(language): Language,
    key: Option<IdempotencyKey>,
    body: Result<Json<RequestMail>, Problem>,
) -> Result<Answer, Problem> {
    let Json(body) = body.map_err(in_known_words)?;
    let (asked, event) = parse(body, language)?;
    let vault = notification.context.database.vault();
    let request = key.map(|key| Request::new(vault, SCOPE, (admin.user_id(), Key::Sent(&key)), &asked));
    let sent = Sent { message: ACCEPTED.in_locale(language).to_owned(), status: "success" };
    let answer = Answer::json(StatusCode::OK, language, &sent);
    Ok(actions::request_mail(&notification, request, &event, answer).await?)
}

fn parse(body: RequestMail, language: Locale) -> Result<(Asked, EmailEvent), Problem> {
    let mut faults = Faults::default();
    let kind = faults.required("type", body.r#type);
    let to = faults.required("to", body.to);
    let locale = faults.optional("locale", body.locale);
    let Variables(variables) = faults.optional("variables", body.variables).unwrap_or_default();
    let (Some(Word(kind)), Some(to)) = (kind, to) else {
        return Err(faults.check().expect_err("a field that is missing left a fault"));
    };
    faults.check()?;
    let message = mail_message::compose(&kind, |name| variables.get(name).cloned()).map_err(NotificationError::from)?;
    let event = EmailEvent { to: to.clone(), locale: locale.unwrap_or(language), message };
    Ok((Asked { r#type: kind, to, locale, variables }, event))
}

/// Programs of the first platform know the refusal of what is no JSON by this sentence.
fn in_known_words(problem: Problem) -> Problem {
    const SENTENCE: &str = "Invalid request format";
    if problem.status() == StatusCode::BAD_REQUEST {
        Problem::new(StatusCode::BAD_REQUEST, "INVALID_PAYLOAD", Text::new(SENTENCE, SENTENCE))
    } else {
        problem
    }
}

impl FieldValue for Word {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        Ok(Self(raw))
    }
}

impl FieldValue for Variables {
    type Raw = BTreeMap<String, String>;

    fn parse(raw: Self::Raw) -> Result<Self, (&'static str, Text)> {
        Ok(Self(raw))
    }
}
