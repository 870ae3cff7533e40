//! `/profil`: who a reader is in their own words. Whoever has not said so yet does it at `/profil/tamamla`, once.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{Datelike, NaiveDate};
use contracts::{Locale, Phone, Role};
use kit::{Faults, Field, Problem, Text, required_fields};
use serde::Deserialize;
use web::{AccountTab, AccountTabs, Flash, Page, Reader, Select, SignedIn, Typed, set_cookies};

use crate::actions;
use crate::error::UserError;
use crate::model::{BornDate, FullName, Gender, ProfileDetails};
use crate::state::User;
use crate::store::profile::Profile;

const PATH: &str = "/profil";
const COMPLETION: &str = "/profil/tamamla";

/// What a reader says of themselves.
#[derive(Debug, Deserialize)]
struct ProfileFields {
    #[serde(default)]
    full_name: Field<FullName>,
    #[serde(default)]
    gender: Field<Gender>,
    #[serde(default)]
    phone: Field<Phone>,
    /// Of day, month and year, which are typed one by one.
    #[serde(skip)]
    born_date: Field<BornDate>,
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Body<'a> {
    locale: Locale,
    tabs: AccountTabs,
    form: &'a Typed,
    action: &'static str,
    lead: Option<&'a str>,
}

/// Whether the profile is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Complete,
    Incomplete,
}

pub(super) async fn show(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Response, Problem> {
    match actions::find_profile(&user, caller.user_id()).await {
        Ok(profile) => {
            let page = page(&reader, caller.role(), &fields_of(&profile), Stage::Complete);
            Ok(page.into_response())
        }
        Err(UserError::NoProfile) => Ok(Redirect::to(COMPLETION).into_response()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show_completion(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
) -> Result<Response, Problem> {
    match actions::find_profile(&user, caller.user_id()).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(UserError::NoProfile) => {
            Ok(page(&reader, caller.role(), &Typed::default(), Stage::Incomplete).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Sent twice, it leads to the profile that was made first.
pub(super) async fn complete_registration(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Response {
    let complete = async {
        match actions::complete_registration(&user, caller.user_id(), details(&typed)?).await {
            Ok(_) | Err(UserError::ProfileExists) => Ok(()),
            Err(error) => Err(Problem::from(error)),
        }
    };
    let outcome = complete.await;
    answer(&reader, caller.role(), typed, Stage::Incomplete, outcome)
}

/// All fields are sent, so sent twice it changes nothing more.
pub(super) async fn update_profile(
    State(user): State<Arc<User>>,
    reader: Reader,
    SignedIn(caller): SignedIn,
    typed: Typed,
) -> Response {
    let update = async {
        actions::update_profile(&user, caller.user_id(), details(&typed)?.into()).await?;
        Ok(())
    };
    let outcome = update.await;
    answer(&reader, caller.role(), typed, Stage::Complete, outcome)
}

fn answer(reader: &Reader, role: Role, typed: Typed, stage: Stage, outcome: Result<(), Problem>) -> Response {
    match outcome {
        Ok(()) => (set_cookies([reader.will_hear(Flash::ProfileSaved)]), Redirect::to(PATH)).into_response(),
        Err(problem) => {
            let typed = typed.refused(&problem, reader.locale);
            page(reader, role, &typed, stage).refused(&problem).into_response()
        }
    }
}

fn details(typed: &Typed) -> Result<ProfileDetails, Problem> {
    let fields = ProfileFields { born_date: born_date(typed), ..typed.filled()? };
    let (full_name, born_date, gender, phone) = required_fields!(fields => full_name, born_date, gender, phone)?;
    Ok(ProfileDetails { full_name, born_date, gender, phone })
}

/// The day that three numbers name.
fn born_date(typed: &Typed) -> Field<BornDate> {
    let [year, month, day] = ["born_year", "born_month", "born_day"].map(|name| typed.value(name).trim());
    if [year, month, day].iter().all(|number| number.is_empty()) {
        return Field::Absent;
    }
    let date = year.parse::<u16>().ok().zip(month.parse().ok()).zip(day.parse().ok());
    let date = date.and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year.into(), month, day));
    match date.filter(|date| date.year() <= 9999) {
        Some(date) => Field::of(date.to_string()),
        None => {
            let mut faults = Faults::default();
            faults.add("", "DATE_INVALID", NO_SUCH_DAY);
            Field::Invalid(faults)
        }
    }
}

const NO_SUCH_DAY: Text = Text::new(
    "Böyle bir gün yok. Gün, ay ve yılı sayıyla yazın; örneğin 17 5 1990.",
    "There is no such day. Write day, month and year as numbers, such as 17 5 1990.",
);

fn fields_of(profile: &Profile) -> Typed {
    let born = profile.born_date;
    let (day, month, year) = (born.day().to_string(), born.month().to_string(), born.year().to_string());
    Typed::beginning([
        ("full_name", profile.full_name.as_str()),
        ("born_day", &day),
        ("born_month", &month),
        ("born_year", &year),
        ("gender", profile.gender.as_str()),
        ("phone", profile.phone.as_str()),
    ])
}

impl Body<'_> {
    fn gender(&self) -> Select<'_> {
        let locale = self.locale;
        let select = self.form.select("gender", locale.say("Cinsiyet", "Gender")).autocomplete("sex");
        select.options([
            ("", locale.say("Seçin", "Choose")),
            (Gender::Female.as_str(), locale.say("Kadın", "Female")),
            (Gender::Male.as_str(), locale.say("Erkek", "Male")),
            (Gender::Other.as_str(), locale.say("Diğer", "Other")),
        ])
    }
}

fn page(reader: &Reader, role: Role, form: &Typed, stage: Stage) -> Page {
    let locale = reader.locale;
    let lead =
        locale.say("Sipariş verebilmeniz için birkaç bilgi gerekiyor.", "A few facts are needed before you can order.");
    let (title, action, lead) = match stage {
        Stage::Complete => (locale.say("Profil", "Profile"), PATH, None),
        Stage::Incomplete => (locale.say("Profili tamamla", "Complete the profile"), COMPLETION, Some(lead)),
    };
    let tabs = AccountTabs::new(locale, AccountTab::Profile, role);
    Page::of(reader, title, &Body { locale, tabs, form, action, lead })
}
