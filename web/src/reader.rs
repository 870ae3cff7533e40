//! Who reads a page, as far as its frame shows it: the language, the way back, and hints from cookies that open nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri};
use contracts::Locale;
use kit::{Language, QueryParameters};

use crate::cookie::{Cookie, CookieScheme, Keep};
use crate::flash::Flash;
use crate::return_path::ReturnPath;

/// Longer than a redirect takes.
const FLASH_TTL: Duration = Duration::from_secs(60);
/// The longest that browsers grant.
const LANGUAGE_TTL: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What pages need to know of the platform that they stand in.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// How browsers reach it, by which cookies are named.
    pub cookies: CookieScheme,
    /// The first segments of the pages of all services, also of those that other processes serve.
    pub segments: Vec<&'static str>,
}

/// Who reads a page. Whether they may see it is for [`SignedIn`](crate::SignedIn) to say.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The language that they chose, or that their browser asks for.
    pub locale: Locale,
    /// The page that they asked for, to come back to.
    pub here: ReturnPath,
    /// The page that `donus` names in that address, to be led to afterwards.
    pub back: ReturnPath,
    /// Whether they have a session, good or not.
    pub has_session: bool,
    /// How many lines their cart has, if they have one.
    pub basket: Option<u16>,
    /// What is said to them once.
    pub flash: Option<Flash>,
    settings: Arc<PageSettings>,
}

impl Reader {
    /// The reader whose request has these `headers` and asks for `uri`.
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri, settings: Arc<PageSettings>) -> Self {
        let read = |cookie: Cookie| cookie.read(headers, settings.cookies);
        let chosen = read(Cookie::Language).and_then(|chosen| chosen.parse().ok());
        Self {
            locale: chosen.unwrap_or_else(|| Language::of(headers).0),
            here: ReturnPath::of(uri, &settings.segments),
            back: match QueryParameters::of(uri).one("donus") {
                Ok(Some(text)) => ReturnPath::parse(text, &settings.segments),
                // Named twice, it is anybody's guess.
                Ok(None) | Err(_) => ReturnPath::home(),
            },
            has_session: read(Cookie::Access).or_else(|| read(Cookie::Refresh)).is_some(),
            basket: read(Cookie::Basket).and_then(|basket| basket.split('-').next()?.parse().ok()),
            flash: read(Cookie::Flash).and_then(|code| code.parse().ok()),
            settings,
        }
    }

    /// By which names cookies are set for them.
    #[must_use]
    pub fn cookies(&self) -> CookieScheme {
        self.settings.cookies
    }

    /// The page that `text` names to come back to.
    #[must_use]
    pub fn return_path(&self, text: &str) -> ReturnPath {
        ReturnPath::parse(text, &self.settings.segments)
    }

    /// What is said to them once, in their language.
    pub(crate) fn flash_text(&self) -> Option<&'static str> {
        self.flash.map(|flash| flash.text(self.locale))
    }

    /// The cookie by which the next page says `flash`.
    #[must_use]
    pub fn will_hear(&self, flash: Flash) -> HeaderValue {
        Cookie::Flash.set(flash.code(), Keep::For(FLASH_TTL), self.settings.cookies)
    }

    /// The cookie by which pages are in `locale` from now on.
    #[must_use]
    pub fn will_read(&self, locale: Locale) -> HeaderValue {
        Cookie::Language.set(locale.as_str(), Keep::For(LANGUAGE_TTL), self.settings.cookies)
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.uri, settings(parts)))
    }
}

/// What [`dress`](crate::dress()) has put around every page.
pub(crate) fn settings(parts: &Parts) -> Arc<PageSettings> {
    Arc::clone(parts.extensions.get().expect("pages are dressed before they are served"))
}

#[cfg(test)]
mod tests {
    use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};

    use super::*;

    fn reader(cookies: &str) -> Reader {
        let headers =
            HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap()), (ACCEPT_LANGUAGE, "en".parse().unwrap())]);
        let settings = PageSettings { cookies: CookieScheme::Http, segments: vec!["sepet"] };
        Reader::of(&headers, &Uri::from_static("/sepet?donus=%2Fsepet%3Fb%3D2"), Arc::new(settings))
    }

    #[test]
    fn the_language_that_was_chosen_counts_before_that_of_the_browser() {
        assert_eq!(reader("lang=tr").locale, Locale::Tr);
        assert_eq!(reader("lang=xx").locale, Locale::En);
        assert_eq!(reader("").locale, Locale::En);
    }

    #[test]
    fn hints_are_taken_for_no_more_than_they_are() {
        let hinted = reader("refresh=x; basket=3-41250-018f; flash=signed-out");
        let forged = reader("basket=<script>; flash=hello");

        assert_eq!((hinted.has_session, hinted.basket, hinted.flash), (true, Some(3), Some(Flash::SignedOut)));
        assert_eq!((forged.has_session, forged.basket, forged.flash), (false, None, None));
        assert_eq!((hinted.here.as_str(), hinted.back.as_str()), ("/sepet?donus=%2Fsepet%3Fb%3D2", "/sepet?b=2"));
    }
}
