//! Passwords that were forgotten or shall change.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contracts::{EmailAddress, Secret};
use kit::{CurrentCaller, Field, Form, InLanguage, Json, Language, Problem, required_fields};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{MessageBody, TokensBody};
use super::mail_pages::{self, LinkQuery};
use crate::actions::{self, Owner, PasswordChange};
use crate::model::origin::Origin;
use crate::model::password::{Password, TypedPassword};
use crate::state::Auth;

/// Whose password was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ForgotPassword {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
}

/// A new password, with the token of the mail that allows it.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ResetPassword {
    #[serde(default)]
    #[schema(value_type = String, required)]
    token: Field<Secret>,
    /// 8 to 256 characters; neither a common one nor one that holds the address.
    #[serde(default)]
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256, required)]
    password: Field<Password>,
}

/// The present password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ChangePassword {
    #[serde(default)]
    #[schema(value_type = String, format = Password, required)]
    current_password: Field<TypedPassword>,
    /// 8 to 256 characters; neither a common one nor one that holds the address.
    #[serde(default)]
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256, required)]
    new_password: Field<Password>,
}

/// Mails a link to choose a new password. The answer is the same for every address.
#[utoipa::path(
    post,
    path = "/auth/forgot-password",
    tag = "auth",
    request_body = ForgotPassword,
    responses(
        (status = 200, description = "A mail is on its way if the address has an account", body = MessageBody),
        (status = 429, description = "Too many mails to this address"),
    )
)]
pub(super) async fn forgot_password(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    origin: Origin,
    Json(body): Json<ForgotPassword>,
) -> Result<InLanguage<Answer<MessageBody>>, Problem> {
    let email = required_fields!(body => email)?;
    actions::forgot_password(&auth, &email, &origin).await?;
    let tr = "Bu adresin hesabı varsa parola sıfırlama e-postası gönderildi. Gelen kutunuza bakın.";
    let en = "Password reset email sent if this address has an account. Please check your inbox.";
    Ok(MessageBody::say(locale, tr, en))
}

/// Sets a new password by the token of a mail, once, and ends every session of the account.
#[utoipa::path(
    post,
    path = "/auth/reset-password",
    tag = "auth",
    request_body(content((ResetPassword = "application/json"), (ResetPassword = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The password is the new one; a page for a form", content((MessageBody = "application/json"), (String = "text/html"))),
        (status = 400, description = "INVALID_TOKEN: unknown, used, superseded or expired; a page for a form"),
    )
)]
pub(super) async fn reset_password(
    State(auth): State<Arc<Auth>>,
    Language(locale): Language,
    origin: Origin,
    form: Form<ResetPassword>,
) -> Response {
    match form {
        Form::Json(body) => match reset(&auth, body, &origin).await {
            Ok(()) => {
                let (tr, en) = ("Parolanız sıfırlandı.", "Password has been reset successfully.");
                MessageBody::say(locale, tr, en).into_response()
            }
            Err(problem) => problem.into_response(),
        },
        Form::Page(body) => {
            let link = LinkQuery::from(&body.token);
            match reset(&auth, body, &origin).await {
                Ok(()) => mail_pages::password_reset(locale).into_response(),
                // The password may be chosen better; the link still works.
                Err(problem) if problem.status() == StatusCode::UNPROCESSABLE_ENTITY => {
                    mail_pages::reset_password_again(locale, &link, &problem).into_response()
                }
                Err(problem) => mail_pages::refused(locale, &problem).into_response(),
            }
        }
    }
}

async fn reset(auth: &Auth, body: ResetPassword, origin: &Origin) -> Result<(), Problem> {
    let (token, password) = required_fields!(body => token, password)?;
    Ok(actions::reset_password(auth, &token, password, origin).await?)
}

/// The page that a reset mail links to. Opening it consumes nothing; its form does.
#[utoipa::path(
    get,
    path = "/auth/reset-password",
    tag = "auth",
    params(LinkQuery),
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(super) async fn reset_password_page(
    Language(locale): Language,
    link: Result<Query<LinkQuery>, QueryRejection>,
) -> impl IntoResponse {
    // A link that was broken on its way opens the page too; the button says so.
    let Query(link) = link.unwrap_or_default();
    mail_pages::reset_password(locale, &link)
}

/// Changes the password of the signed-in user. Every session ends; the answer holds the tokens of a new one.
#[utoipa::path(
    post,
    path = "/auth/change-password",
    tag = "auth",
    security(("bearer" = [])),
    request_body = ChangePassword,
    responses(
        (status = 200, description = "The tokens of a new session", body = TokensBody),
        (status = 400, description = "INVALID_PASSWORD: `current_password` is wrong"),
        (status = 429, description = "Too many wrong passwords"),
    )
)]
pub(super) async fn change_password(
    State(auth): State<Arc<Auth>>,
    CurrentCaller(caller): CurrentCaller,
    origin: Origin,
    Json(body): Json<ChangePassword>,
) -> Result<Answer<TokensBody>, Problem> {
    let (current_password, new_password) = required_fields!(body => current_password, new_password)?;
    let owner = Owner { user: caller.user_id(), session: caller.session_id() };
    let change = PasswordChange { current: current_password, new: new_password };
    let signed_in = actions::change_password(&auth, &owner, change, origin).await?;
    Ok(Answer(signed_in.tokens.into()))
}
