//! `/guvenlik/parola`: a signed-in reader changes their password. Every session ends, and this browser gets a new one.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::Locale;
use kit::{Caller, Field, Problem, required_fields};
use serde::Deserialize;
use web::{CurrentlySignedIn, Flash, Form, Page, Reader, SignedIn as SignedInReader, Typed, set_cookies};

use super::session_cookies::{session_cookies, stay};
use crate::actions::{self, Owner, PasswordChange, SignedIn};
use crate::model::origin::Origin;
use crate::model::password::{Password, TypedPassword};
use crate::state::Auth;

/// The present password and the new one.
#[derive(Debug, Deserialize)]
pub(super) struct ChangePassword {
    #[serde(default)]
    current_password: Field<TypedPassword>,
    #[serde(default)]
    new_password: Field<Password>,
}

#[derive(Template)]
#[template(path = "change_password.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
}

pub(super) async fn show(reader: Reader, _: SignedInReader) -> Page {
    page(&reader, &Typed::default())
}

pub(super) async fn change_password(
    State(auth): State<Arc<Auth>>,
    reader: Reader,
    CurrentlySignedIn(caller): CurrentlySignedIn,
    (origin, headers): (Origin, HeaderMap),
    form: Form<ChangePassword>,
) -> Response {
    let SignedIn { tokens, .. } = match change(&auth, &caller, form.fields, origin).await {
        Ok(signed_in) => signed_in,
        Err(problem) => {
            return page(&reader, &form.typed.refused(&problem, reader.locale)).refused(&problem).into_response();
        }
    };
    let [access, refresh] = session_cookies(&auth, &tokens, stay(&headers, reader.cookies()));
    let cookies = set_cookies([access, refresh, reader.will_hear(Flash::PasswordChanged)]);
    (cookies, Redirect::to("/guvenlik")).into_response()
}

async fn change(auth: &Auth, caller: &Caller, fields: ChangePassword, origin: Origin) -> Result<SignedIn, Problem> {
    let (current, new) = required_fields!(fields => current_password, new_password)?;
    let owner = Owner { user: caller.user_id(), session: caller.session_id() };
    Ok(actions::change_password(auth, &owner, PasswordChange { current, new }, origin).await?)
}

fn page(reader: &Reader, form: &Typed) -> Page {
    let locale = reader.locale;
    Page::of(reader, locale.say("Parolayı değiştir", "Change the password"), &Body { locale, form })
}
