//! What stands around the pages of one restaurant.

use askama::Template;
use contracts::Locale;
use kit::Problem;
use strum::{EnumIter, IntoEnumIterator};
use web::{Page, Reader};

use super::asked::OwnRestaurant;

/// The pages of a restaurant, in the order of their tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub(super) enum Tab {
    Menu,
    Hours,
    Pause,
    Campaigns,
    Facts,
}

/// The way to the other pages of the restaurant.
#[derive(Template)]
#[template(path = "business/frame.html")]
struct Frame<'a> {
    locale: Locale,
    tabs: Vec<TabLink>,
    body: &'a str,
}

struct TabLink {
    path: String,
    label: &'static str,
    is_present: bool,
}

impl Tab {
    fn path(self) -> &'static str {
        match self {
            Self::Menu => "/menu",
            Self::Hours => "/saatler",
            Self::Pause => "/yogun",
            Self::Campaigns => "/kampanyalar",
            Self::Facts => "",
        }
    }

    fn label(self, locale: Locale) -> &'static str {
        match self {
            Self::Menu => locale.say("Menü", "Menu"),
            Self::Hours => locale.say("Saatler", "Hours"),
            Self::Pause => locale.say("Ara", "Break"),
            Self::Campaigns => locale.say("Kampanyalar", "Campaigns"),
            Self::Facts => locale.say("Bilgiler", "Facts"),
        }
    }
}

/// The page of `own` below `tab` that is called `title`, beside the restaurant's name.
///
/// # Errors
/// The body can't be rendered.
pub(super) fn page(
    reader: &Reader,
    own: &OwnRestaurant,
    (tab, title): (Tab, &str),
    body: &impl Template,
) -> Result<Page, Problem> {
    let body = body.render().map_err(anyhow::Error::from)?;
    let link = |other: Tab| TabLink {
        path: own.path(other.path()),
        label: other.label(reader.locale),
        is_present: other == tab,
    };
    let frame = Frame { locale: reader.locale, tabs: Tab::iter().map(link).collect(), body: &body };
    Ok(Page::of(reader, format!("{title}\u{a0}· {}", own.name()), &frame).wide())
}

/// A question before something is deleted, which a page of its own asks.
#[derive(Template)]
#[template(path = "business/delete.html")]
pub(super) struct DeleteQuestion<'a> {
    pub(super) locale: Locale,
    pub(super) question: String,
    pub(super) consequence: &'a str,
    pub(super) button: &'a str,
    pub(super) action: String,
    pub(super) back: String,
}
