//! The pages behind the links in mails: they work without JavaScript, and opening them changes nothing.

use askama::Template;
use contracts::{Locale, Secret};
use kit::{Field, Problem};
use serde::Deserialize;
use utoipa::IntoParams;
use web::Page;

/// The query of a link in a mail.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// The token of the mail.
    #[serde(default)]
    token: String,
}

impl From<&Field<Secret>> for LinkQuery {
    fn from(field: &Field<Secret>) -> Self {
        let token = match field {
            Field::Valid(token) => token.expose().to_owned(),
            Field::Absent | Field::Null | Field::Invalid(_) => String::new(),
        };
        Self { token }
    }
}

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyEmail<'a> {
    locale: Locale,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPassword<'a> {
    locale: Locale,
    token: &'a str,
    fault: Option<String>,
}

/// An account that is open, and how to sign in to it.
#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    locale: Locale,
}

/// One sentence about what just happened.
#[derive(Template)]
#[template(path = "outcome.html")]
struct Outcome<'a> {
    locale: Locale,
    class: &'static str,
    text: &'a str,
    /// Whether signing in comes next.
    may_sign_in: bool,
}

pub(super) fn verify_email(locale: Locale, link: &LinkQuery) -> Page {
    let title = locale.say("E-posta adresinizi doğrulayın", "Verify your e-mail address");
    Page::new(locale, title, &VerifyEmail { locale, token: &link.token })
}

/// Whoever has just made an account signs in at once, and goes on with what they wanted to order.
pub(super) fn email_verified(locale: Locale) -> Page {
    Page::new(locale, locale.say("Hoş geldiniz", "Welcome"), &Welcome { locale })
}

pub(super) fn reset_password(locale: Locale, link: &LinkQuery) -> Page {
    reset_form(locale, link, None)
}

/// The form once more, with what was wrong.
pub(super) fn reset_password_again(locale: Locale, link: &LinkQuery, problem: &Problem) -> Page {
    reset_form(locale, link, Some(problem.message(locale))).refused(problem)
}

pub(super) fn password_reset(locale: Locale) -> Page {
    let text = locale.say(
        "Parolanız değişti ve tüm oturumlarınız kapatıldı. Yeni parolanızla giriş yapabilirsiniz.",
        "Your password was changed and all your sessions were ended. You can sign in with the new password.",
    );
    Page::new(
        locale,
        locale.say("Parolanız yenilendi", "Your password is new"),
        &Outcome { locale, class: "success", text, may_sign_in: true },
    )
}

pub(super) fn refused(locale: Locale, problem: &Problem) -> Page {
    let text = problem.message(locale);
    let body = Outcome { locale, class: "error", text: &text, may_sign_in: false };
    Page::new(locale, locale.say("Olmadı", "That did not work"), &body).refused(problem)
}

fn reset_form(locale: Locale, link: &LinkQuery, fault: Option<String>) -> Page {
    let title = locale.say("Yeni parolanızı seçin", "Choose your new password");
    Page::new(locale, title, &ResetPassword { locale, token: &link.token, fault })
}
