//! `POST /dil`: the reader chooses the language of pages, and comes back to where they were.

use axum::response::{IntoResponse, Redirect, Response};
use contracts::Locale;
use kit::{Field, FieldValue, Problem, Text, required_fields};
use serde::Deserialize;

use crate::cookie::set_cookies;
use crate::form::Form;
use crate::reader::Reader;

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
    let back = reader.return_path(form.typed.value("donus"));
    Ok((set_cookies([reader.will_read(locale)]), Redirect::to(back.as_str())).into_response())
}
