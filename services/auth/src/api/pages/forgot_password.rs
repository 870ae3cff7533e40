//! `/parola`: somebody has forgotten their password. What they see is the same whether their address has an account.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EmailAddress, Locale};
use kit::{Field, Problem, required_fields};
use serde::Deserialize;
use web::{Form, Page, Reader, Typed};

use super::mailed::mailed_page;
use crate::actions;
use crate::model::origin::Origin;
use crate::state::Auth;

/// Whose password was forgotten.
#[derive(Debug, Deserialize)]
pub(super) struct ForgotPassword {
    #[serde(default)]
    email: Field<EmailAddress>,
}

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
}

pub(super) async fn show(reader: Reader) -> Page {
    page(&reader, &Typed::default())
}

pub(super) async fn forgot_password(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    origin: Origin,
    form: Form<ForgotPassword>,
) -> Response {
    match ask(&auth, form.fields, &origin).await {
        Ok(()) => Redirect::to("/parola/posta").into_response(),
        Err(problem) => page(&reader, &form.typed.refused(&problem, reader.locale)).refused(&problem).into_response(),
    }
}

async fn ask(auth: &Auth, fields: ForgotPassword, origin: &Origin) -> Result<(), Problem> {
    let email = required_fields!(fields => email)?;
    Ok(actions::forgot_password(auth, &email, origin).await?)
}

pub(super) async fn show_mailed(reader: Reader) -> Page {
    let text = reader.locale.say(
        "Bu adresin hesabı varsa yeni parola seçeceğiniz bir bağlantı gönderdik.",
        "If this address has an account, we have sent a link by which you choose a new password.",
    );
    let title = reader.locale.say("Yeni parola için gelen kutunuza bakın", "Check your inbox for a new password");
    mailed_page(&reader, title, text, "/parola")
}

fn page(reader: &Reader, form: &Typed) -> Page {
    let locale = reader.locale;
    Page::of(reader, locale.say("Parolamı unuttum", "I forgot my password"), &Body { locale, form })
}
