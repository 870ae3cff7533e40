//! `POST /dil`: the reader chooses the language of pages, and comes back to where they were.

use axum::response::{IntoResponse, Redirect, Response};
use contracts::Locale;
use kit::{Field, FieldValue, Problem, Text, required_fields};
use serde::Deserialize;
use std::time::Duration;

use crate::cookie::{Cookie, Keep, set_cookies};
use crate::form::Form;
use crate::reader::Reader;

/// The longest that browsers grant.
const LANGUAGE_TTL: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Which language is chosen.
#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    dil: Field<Chosen>,
}

/// One of ours.
#[derive(Debug)]
struct Chosen(Locale);

impl FieldValue for Chosen {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        let unknown = Text::new("Dil tr ya da en olmalıdır.", "The language must be tr or en.");
        raw.parse().map(Self).map_err(|_| ("UNKNOWN_LANGUAGE", unknown))
    }
}

pub(crate) async fn choose_language(reader: Reader, form: Form<Choice>) -> Result<Response, Problem> {
    let Chosen(locale) = required_fields!(form.fields => dil)?;
    let cookie = Cookie::Language.set(locale.as_str(), Keep::For(LANGUAGE_TTL), reader.cookies());
    let back = reader.return_path(form.typed.value("donus"));
    Ok((set_cookies([cookie]), Redirect::to(back.as_str())).into_response())
}
