//! `/giris`: somebody signs in and comes back to where they were, with the form that they sent.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{EmailAddress, Locale};
use kit::{Field, Problem, required_fields};
use serde::Deserialize;
use web::{Form, MaybeSignedIn, Page, Reader, ReturnPath, Typed, set_cookies};

use super::kept_form::KeptForm;
use super::session_cookies::{Renewal, Stay, no_session, renew, session_cookies};
use crate::actions::{self, Credentials, SignedIn, Visitor};
use crate::api::visitor::device_cookie;
use crate::model::password::TypedPassword;
use crate::state::Auth;

/// What somebody typed to sign in.
#[derive(Debug, Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    email: Field<EmailAddress>,
    #[serde(default)]
    password: Field<TypedPassword>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    back: &'a str,
    hidden: Vec<(String, String)>,
    has_kept_form: bool,
    stays: bool,
}

/// Whoever is signed in already is led back at once, also by a session that another tab has renewed.
pub(super) async fn show(
    State(auth): State<Arc<Auth>>,
    (reader, MaybeSignedIn(caller)): (Reader, MaybeSignedIn),
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let back = reader.back.clone();
    if caller.is_some() {
        return Ok(Redirect::to(back.as_str()).into_response());
    }
    Ok(match renew(&auth, &headers, &visitor).await? {
        Renewal::Renewed(cookies) => (set_cookies(cookies), Redirect::to(back.as_str())).into_response(),
        Renewal::Refused => (set_cookies(no_session(&auth)), empty_page(reader, &back, None)).into_response(),
        Renewal::NoSession => empty_page(reader, &back, None).into_response(),
    })
}

/// A form that was sent by somebody who is not signed in: they sign in with it in their hands.
pub(super) async fn keep_form(
    State(auth): State<Arc<Auth>>,
    (reader, MaybeSignedIn(caller)): (Reader, MaybeSignedIn),
    visitor: Visitor,
    headers: HeaderMap,
    sent: Result<Typed, Problem>,
) -> Result<Response, Problem> {
    let back = reader.back.clone();
    if caller.is_some() {
        return Ok(Redirect::temporary(back.as_str()).into_response());
    }
    let kept = sent.ok().as_ref().and_then(KeptForm::of);
    // Without its form, what it was sent to can't be asked for.
    let then = if kept.is_some() { back.clone() } else { ReturnPath::home() };
    Ok(match renew(&auth, &headers, &visitor).await? {
        Renewal::Renewed(cookies) => (set_cookies(cookies), Redirect::temporary(back.as_str())).into_response(),
        Renewal::Refused => (set_cookies(no_session(&auth)), empty_page(reader, &then, kept.as_ref())).into_response(),
        Renewal::NoSession => empty_page(reader, &then, kept.as_ref()).into_response(),
    })
}

/// The page as a stranger sees it first, whose session is over if they had one.
fn empty_page(mut reader: Reader, back: &ReturnPath, kept: Option<&KeptForm>) -> Page {
    reader.has_session = false;
    page(&reader, &Typed::default(), back, kept)
}

pub(super) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    mut reader: Reader,
    visitor: Visitor,
    form: Form<SignIn>,
) -> Response {
    let Form { fields, typed } = form;
    let (back, kept) = (reader.return_path(typed.value("donus")), KeptForm::within(&typed));
    let SignedIn { tokens, device } = match login(&auth, fields, &visitor).await {
        Ok(signed_in) => signed_in,
        Err(problem) => {
            let typed = typed.refused(&problem, reader.locale);
            return page(&reader, &typed, &back, kept.as_ref()).refused(&problem).into_response();
        }
    };
    let stay = if typed.has("acik_tut") { Stay::Kept } else { Stay::UntilClosed };
    let [access, refresh] = session_cookies(&auth, &tokens, stay);
    let cookies = set_cookies([access, refresh, device_cookie(&auth, device)]);
    reader.has_session = true;
    match kept {
        Some(kept) => (cookies, kept.page(&reader, &back)).into_response(),
        None => (cookies, Redirect::to(back.as_str())).into_response(),
    }
}

async fn login(auth: &Auth, fields: SignIn, visitor: &Visitor) -> Result<SignedIn, Problem> {
    let (email, password) = required_fields!(fields => email, password)?;
    Ok(actions::login(auth, Credentials { email, password }, visitor).await?)
}

fn page(reader: &Reader, form: &Typed, back: &ReturnPath, kept: Option<&KeptForm>) -> Page {
    let locale = reader.locale;
    let body = Body {
        locale,
        form,
        back: back.as_str(),
        hidden: kept.map(KeptForm::hidden_fields).unwrap_or_default(),
        has_kept_form: kept.is_some(),
        // Ticked until somebody has unticked it.
        stays: form.fields().is_empty() || form.has("acik_tut"),
    };
    Page::of(reader, locale.say("Giriş", "Sign in"), &body)
}
