//! Which of our languages a request wants, and texts in all of them.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use contracts::Locale;

/// One text in each language that the platform speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Turkish.
    pub tr: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A text that is always the same.
    #[must_use]
    pub const fn new(tr: &'static str, en: &'static str) -> Self {
        Self { tr: Cow::Borrowed(tr), en: Cow::Borrowed(en) }
    }

    /// The text in `locale`.
    #[must_use]
    pub fn in_locale(&self, locale: Locale) -> &str {
        locale.say(&self.tr, &self.en)
    }
}

/// An answer whose text is in the language that the request asks for.
#[derive(Debug)]
pub struct InLanguage<T>(pub Locale, pub T);

impl<T: IntoResponse> IntoResponse for InLanguage<T> {
    fn into_response(self) -> Response {
        let Self(locale, answer) = self;
        let mut response = answer.into_response();
        response.headers_mut().insert(CONTENT_LANGUAGE, HeaderValue::from_static(locale.as_str()));
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-language"));
        response
    }
}

/// The language that a request asks for.
#[derive(Debug, Clone, Copy)]
pub struct Language(pub Locale);

impl Language {
    /// Reads `Accept-Language` (RFC 9110, section 12.5.4); Turkish when it names neither of ours.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let best = header.split(',').filter_map(weighted).fold(None, |best: Option<(Locale, f32)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        });
        Self(best.map_or(Locale::default(), |(locale, _)| locale))
    }
}

fn weighted(range: &str) -> Option<(Locale, f32)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let locale = tag.trim().get(..2)?.to_ascii_lowercase().parse().ok()?;
    let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok())?;
    (weight > 0.0).then_some((locale, weight))
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_of_ours_wins() {
        let asked = |header: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, header.parse().unwrap())]);
            Language::of(&headers).0
        };

        assert_eq!(asked("en"), Locale::En);
        assert_eq!(asked("de, en-GB;q=0.5, tr;q=0.4"), Locale::En);
        assert_eq!(asked("en;q=0.2, tr-TR"), Locale::Tr);
        assert_eq!(asked("en;q=0"), Locale::Tr);
        assert_eq!(asked("fr"), Locale::Tr);
        assert_eq!(Language::of(&HeaderMap::new()).0, Locale::Tr);
    }
}
