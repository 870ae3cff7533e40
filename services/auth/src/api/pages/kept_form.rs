//! A form whose session ended before it was sent: it is kept in the page that signs its reader in, and sent afterwards.

use askama::Template;
use contracts::Locale;
use web::{Page, Reader, ReturnPath, Typed};

/// In front of the names of its fields, beside those of the sign-in.
const PREFIX: &str = "tut.";
/// Says that there is one, however few fields it has.
const SENT: &str = "gonder";
/// What a form may have to be kept.
const MOST_FIELDS: usize = 200;
const MOST_BYTES: usize = 64 * 1024;
/// Parts of the names of fields that no page repeats.
const SECRET: [&str; 4] = ["password", "parola", "card", "kart"];

/// The fields of a form, as they were typed.
#[derive(Debug, Clone, Default)]
pub(super) struct KeptForm(Vec<(String, String)>);

#[derive(Template)]
#[template(path = "kept_form.html")]
struct Body<'a> {
    locale: Locale,
    action: &'a str,
    fields: &'a [(String, String)],
}

impl KeptForm {
    /// What can be kept of `sent`; nothing of a form that is too large, and no secrets.
    pub(super) fn of(sent: &Typed) -> Option<Self> {
        let bytes: usize = sent.fields().iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MOST_BYTES || sent.fields().len() > MOST_FIELDS {
            return None;
        }
        let is_secret = |name: &str| SECRET.iter().any(|part| name.contains(part));
        let open = sent.fields().iter().filter(|(name, _)| !is_secret(name));
        Some(Self(open.cloned().collect()))
    }

    /// The one that comes along with `sign_in`, if one does.
    pub(super) fn within(sign_in: &Typed) -> Option<Self> {
        let kept = sign_in.fields().iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        sign_in.has(SENT).then(|| Self(kept.map(|(name, value)| (name.to_owned(), value.clone())).collect()))
    }

    /// The hidden fields by which the sign-in carries it.
    pub(super) fn hidden_fields(&self) -> Vec<(String, String)> {
        let kept = self.0.iter().map(|(name, value)| (format!("{PREFIX}{name}"), value.clone()));
        kept.chain([(SENT.to_owned(), "1".to_owned())]).collect()
    }

    /// The page from which it goes on its way to `action`.
    pub(super) fn page(&self, reader: &Reader, action: &ReturnPath) -> Page {
        let locale = reader.locale;
        let body = Body { locale, action: action.as_str(), fields: &self.0 };
        Page::of(reader, locale.say("Giriş yaptınız", "You are signed in"), &body)
    }
}
