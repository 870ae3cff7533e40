//! `/kayit`: somebody asks for an account. What they see is the same whether their address has one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EmailAddress, Locale};
use kit::{Field, Problem, required_fields};
use serde::Deserialize;
use web::{Form, Page, Reader, Typed};

use super::mailed::mailed_page;
use crate::actions::{self, NewRegistration};
use crate::model::origin::Origin;
use crate::model::password::Password;
use crate::state::Auth;

/// What an account needs.
#[derive(Debug, Deserialize)]
pub(super) struct Register {
    #[serde(default)]
    email: Field<EmailAddress>,
    #[serde(default)]
    password: Field<Password>,
}

#[derive(Template)]
#[template(path = "register.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
}

pub(super) async fn show(reader: Reader) -> Page {
    page(&reader, &Typed::default())
}

pub(super) async fn register(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    origin: Origin,
    form: Form<Register>,
) -> Response {
    match ask(&auth, form.fields, reader.locale, &origin).await {
        Ok(()) => Redirect::to("/kayit/posta").into_response(),
        Err(problem) => page(&reader, &form.typed.refused(&problem, reader.locale)).refused(&problem).into_response(),
    }
}

async fn ask(auth: &Auth, fields: Register, locale: Locale, origin: &Origin) -> Result<(), Problem> {
    let (email, password) = required_fields!(fields => email, password)?;
    Ok(actions::register(auth, NewRegistration { email, password, locale }, origin).await?)
}

pub(super) async fn show_mailed(reader: Reader) -> Page {
    let text = reader.locale.say(
        "Size bir e-posta gönderdik. İçindeki bağlantıyı açınca hesabınız hazır olur.",
        "We have sent you a mail. Open the link in it, and your account is ready.",
    );
    mailed_page(&reader, reader.locale.say("Gelen kutunuza bakın", "Check your inbox"), text, "/kayit")
}

fn page(reader: &Reader, form: &Typed) -> Page {
    let locale = reader.locale;
    Page::of(reader, locale.say("Kayıt", "Register"), &Body { locale, form })
}
