//! What a reader sees after a mail was asked for.

use askama::Template;
use contracts::Locale;
use web::{Page, Reader};

#[derive(Template)]
#[template(path = "mailed.html")]
struct Body<'a> {
    locale: Locale,
    text: &'a str,
    again: &'a str,
}

/// The page that says `text` below `title`, and leads to where the mail is asked for again.
pub(super) fn mailed_page(reader: &Reader, title: &str, text: &str, again: &str) -> Page {
    let locale = reader.locale;
    Page::of(reader, title, &Body { locale, text, again })
}
