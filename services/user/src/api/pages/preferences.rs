//! `/tercihler`: the language of a reader, and whether commercial mail is welcome.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::Locale;
use kit::{Caller, Client, Field, FieldValue, Problem, Text, required_fields};
use serde::Deserialize;
use web::{AccountTab, AccountTabs, Flash, Page, Reader, SignedIn, Typed, dates, set_cookies};

use super::consent_text::{VERSION, consent_text};
use crate::actions;
use crate::model::{CommercialMail, CommercialMailAnswer, ConsentRequest, PreferencesChange, TextVersion};
use crate::state::User;

const PATH: &str = "/tercihler";

/// Which language is chosen.
#[derive(Debug, Deserialize)]
struct LanguageFields {
    #[serde(default)]
    locale: Field<Locale>,
}

/// What is answered to which text.
#[derive(Debug, Deserialize)]
struct AnswerFields {
    #[serde(default)]
    cevap: Field<Consent>,
    #[serde(default)]
    text_version: Field<TextVersion>,
}

/// The button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    Given,
    Refused,
}

#[derive(Template)]
#[template(path = "preferences.html")]
struct Body<'a> {
    locale: Locale,
    tabs: AccountTabs,
    form: &'a Typed,
    chosen: Locale,
    consent_text: &'static str,
    text_version: &'static str,
    answer: Option<LastAnswer>,
}

/// What the reader has said so far.
struct LastAnswer {
    is_granted: bool,
    /// As HTML.
    at: String,
    text_version: Option<TextVersion>,
}

impl FieldValue for Consent {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        match raw.as_str() {
            "kabul" => Ok(Self::Given),
            "ret" => Ok(Self::Refused),
            _ => Err(("UNKNOWN_ANSWER", Text::new("Düğmelerden birine basın.", "Press one of the buttons."))),
        }
    }
}

pub(super) async fn show(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Page, Problem> {
    page(&user, &reader, &caller, &Typed::default()).await
}

/// For mails and for pages alike.
pub(super) async fn choose_language(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    client: Client,
    typed: Typed,
) -> Result<Response, Problem> {
    let choose = async {
        let fields: LanguageFields = typed.filled()?;
        let locale = required_fields!(fields => locale)?;
        let change = PreferencesChange { locale: Some(locale), commercial_mail: None };
        actions::update_preferences(&user, caller.user_id(), change, asked_by(client)).await?;
        Ok(locale)
    };
    match choose.await {
        Ok(locale) => {
            let cookies = set_cookies([reader.will_read(locale), reader.will_hear(Flash::LanguageSaved)]);
            Ok((cookies, Redirect::to(PATH)).into_response())
        }
        Err(problem) => refused(&user, &reader, &caller, typed, problem).await,
    }
}

/// The same answer again keeps the date of the first one.
pub(super) async fn answer_commercial_mail(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    client: Client,
    typed: Typed,
) -> Result<Response, Problem> {
    let answer = async {
        let fields: AnswerFields = typed.filled()?;
        let (consent, text_version) = required_fields!(fields => cevap, text_version)?;
        let (answer, flash) = match consent {
            // Nobody agrees to what they have not read.
            Consent::Given if text_version.as_str() != VERSION => return Err(another_text()),
            Consent::Given => (CommercialMailAnswer::Grant { text_version }, Flash::ConsentGiven),
            Consent::Refused => {
                (CommercialMailAnswer::Refuse { text_version: Some(text_version) }, Flash::ConsentRefused)
            }
        };
        let change = PreferencesChange { locale: None, commercial_mail: Some(answer) };
        actions::update_preferences(&user, caller.user_id(), change, asked_by(client)).await?;
        Ok(flash)
    };
    match answer.await {
        Ok(flash) => Ok((set_cookies([reader.will_hear(flash)]), Redirect::to(PATH)).into_response()),
        Err(problem) => refused(&user, &reader, &caller, typed, problem).await,
    }
}

fn another_text() -> Problem {
    Problem::conflict(
        "TEXT_CHANGED",
        "Onay metni siz okurken değişti. Yenisini okuyup yeniden cevaplayın.",
        "The text has changed while you read it. Read the new one and answer again.",
    )
}

fn asked_by(client: Client) -> ConsentRequest {
    ConsentRequest { prefix: Some(client.network().to_string()), agent: client.user_agent }
}

async fn refused(
    user: &User,
    reader: &Reader,
    caller: &Caller,
    typed: Typed,
    problem: Problem,
) -> Result<Response, Problem> {
    let typed = typed.refused(&problem, reader.locale);
    Ok(page(user, reader, caller, &typed).await?.refused(&problem).into_response())
}

async fn page(user: &User, reader: &Reader, caller: &Caller, form: &Typed) -> Result<Page, Problem> {
    let locale = reader.locale;
    let preferences = actions::find_preferences(user, caller.user_id()).await?;
    let body = Body {
        locale,
        tabs: AccountTabs::new(locale, AccountTab::Preferences, caller.role()),
        form,
        chosen: preferences.locale,
        consent_text: consent_text(locale),
        text_version: VERSION,
        answer: LastAnswer::of(&preferences.commercial_mail, locale),
    };
    Ok(Page::of(reader, locale.say("Tercihler", "Preferences"), &body))
}

impl LastAnswer {
    fn of(mail: &CommercialMail, locale: Locale) -> Option<Self> {
        let at = dates::time_element(mail.at()?, locale);
        Some(Self { is_granted: mail.is_granted(), at, text_version: mail.text_version().cloned() })
    }
}
