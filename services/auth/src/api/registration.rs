//! From asking for an account to having one.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::{EmailAddress, Secret};
use kit::{Field, Form, InLanguage, Json, Language, Problem, required_fields};
use serde::Deserialize;
use utoipa::ToSchema;
use web::set_cookies;

use super::body::{MessageBody, TokensBody};
use super::mail_pages::{self, LinkQuery};
use super::visitor::device_cookie;
use crate::actions::{self, NewRegistration, SignedIn, Visitor};
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::state::Auth;

/// What an account needs.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Register {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    /// 8 to 256 characters; neither a common one nor one that holds the address.
    #[serde(default)]
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256, required)]
    password: Field<Password>,
}

/// The token of a verification mail.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct VerifyEmail {
    #[serde(default)]
    #[schema(value_type = String, required)]
    token: Field<Secret>,
}

/// Where a mail shall go.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ResendVerification {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
}

/// Asks for an account. The answer is the same whether the address has one or not; the mail says which.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "auth",
    request_body = Register,
    responses(
        (status = 201, description = "A mail is on its way", body = MessageBody),
        (status = 429, description = "Too many mails to this address, or too many registrations"),
    )
)]
pub(super) async fn register(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    origin: Origin,
    Json(body): Json<Register>,
) -> Result<(StatusCode, InLanguage<Answer<MessageBody>>), Problem> {
    let (email, password) = required_fields!(body => email, password)?;
    actions::register(&auth, NewRegistration { email, password, locale }, &origin).await?;
    let (tr, en) = ("Kaydınız alındı. Gelen kutunuza bakın.", "Registration received. Please check your inbox.");
    Ok((StatusCode::CREATED, MessageBody::say(locale, tr, en)))
}

/// Proves a mailbox by the token that was mailed to it: makes the account and signs its owner in. Repeated within a minute
/// it answers the same session.
#[utoipa::path(
    post,
    path = "/auth/verify-email",
    tag = "auth",
    request_body(content((VerifyEmail = "application/json"), (VerifyEmail = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The tokens of a new session, or a page for a form; the cookie `device` is set", content((TokensBody = "application/json"), (String = "text/html"))),
        (status = 400, description = "INVALID_TOKEN: unknown, used, superseded or expired; a page for a form"),
    )
)]
pub(super) async fn verify_email(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    visitor: Visitor,
    form: Form<VerifyEmail>,
) -> Response {
    match form {
        Form::Json(body) => match verify(&auth, body, &visitor).await {
            Ok(SignedIn { tokens, device }) => {
                (set_cookies([device_cookie(&auth, device)]), Answer(TokensBody::from(tokens))).into_response()
            }
            Err(problem) => problem.into_response(),
        },
        Form::Page(body) => match verify(&auth, body, &visitor).await {
            Ok(SignedIn { device, .. }) => {
                (set_cookies([device_cookie(&auth, device)]), mail_pages::email_verified(locale)).into_response()
            }
            Err(problem) => mail_pages::refused(locale, &problem).into_response(),
        },
    }
}

async fn verify(auth: &Auth, body: VerifyEmail, visitor: &Visitor) -> Result<SignedIn, Problem> {
    let token = required_fields!(body => token)?;
    Ok(actions::verify_email(auth, &token, visitor).await?)
}

/// The page that a verification mail links to. Opening it consumes nothing; its button does.
#[utoipa::path(
    get,
    path = "/auth/verify-email",
    tag = "auth",
    params(LinkQuery),
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(super) async fn verify_email_page(
    Language(locale): Language,
    link: Result<Query<LinkQuery>, QueryRejection>,
) -> impl IntoResponse {
    // A link that was broken on its way opens the page too; the button says so.
    let Query(link) = link.unwrap_or_default();
    mail_pages::verify_email(locale, &link)
}

/// Mails every registration of the address that waits once more; older links of theirs stop working. The answer is the same
/// for every address.
#[utoipa::path(
    post,
    path = "/auth/resend-verification",
    tag = "auth",
    request_body = ResendVerification,
    responses(
        (status = 200, description = "A mail is on its way if one is due", body = MessageBody),
        (status = 429, description = "Too many mails to this address"),
    )
)]
pub(super) async fn resend_verification(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    origin: Origin,
    Json(body): Json<ResendVerification>,
) -> Result<InLanguage<Answer<MessageBody>>, Problem> {
    let email = required_fields!(body => email)?;
    actions::resend_verification(&auth, &email, &origin).await?;
    let tr = "Bu adres doğrulama bekliyorsa yeni bir e-posta yolda.";
    Ok(MessageBody::say(locale, tr, "If this address waits for verification, a new mail is on its way."))
}
