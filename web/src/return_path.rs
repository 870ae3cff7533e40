//! `donus`: the page that a reader comes back to. It comes from an address that anybody can write, so it leads to pages of ours
//! alone and never to another host.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a path with its query.
const LONGEST: usize = 512;
/// What renews and ends sessions is never come back to: it would lead in a circle.
const SESSION: &str = "oturum";

/// Path and query of a page of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// The first page.
    #[must_use]
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// The page that `text` names, if its first segment is one of `segments`; else the first page.
    #[must_use]
    pub fn parse(text: &str, segments: &[&str]) -> Self {
        if is_page(text, segments) { Self(text.to_owned()) } else { Self::home() }
    }

    /// The page at `uri`, likewise.
    #[must_use]
    pub fn of(uri: &Uri, segments: &[&str]) -> Self {
        uri.path_and_query().map_or_else(Self::home, |asked| Self::parse(asked.as_str(), segments))
    }

    /// Path and query, as they stand in a `Location`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path alone.
    pub(crate) fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }

    /// Whether it is the first page, as where none was named.
    #[must_use]
    pub fn is_home(&self) -> bool {
        self.0 == "/"
    }

    /// The same page, whose query has `value` for `name` and no other.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let (path, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
        let own = format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
        let pairs: Vec<&str> = others.chain([own.as_str()]).collect();
        Self(format!("{path}?{}", pairs.join("&")))
    }

    /// The address of the page at `path` that leads back here.
    #[must_use]
    pub fn detour_by(&self, path: &str) -> String {
        format!("{path}?donus={}", utf8_percent_encode(&self.0, NON_ALPHANUMERIC))
    }
}

fn is_page(text: &str, segments: &[&str]) -> bool {
    // Browsers drop control characters and read `\` as `/`, which would make a host of what follows.
    let is_plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_parsed = text.parse::<PathAndQuery>().is_ok_and(|parsed| parsed.as_str() == text);
    let Some(path) = text.strip_prefix('/').filter(|_| is_plain && is_parsed) else { return false };
    let first = path.split(['/', '?']).next().unwrap_or_default();
    match first {
        "" => path.is_empty() || path.starts_with('?'),
        SESSION => false,
        _ => segments.contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEGMENTS: &[&str] = &["restoran", "guvenlik", "oturum"];

    fn parsed(text: &str) -> String {
        ReturnPath::parse(text, SEGMENTS).0
    }

    #[test]
    fn a_page_of_ours_is_come_back_to() {
        for page in ["/", "/?q=pide", "/restoran", "/restoran/k%C3%B6fte?a=1&b=2", "/guvenlik?next=//x"] {
            assert_eq!(parsed(page), page);
        }
    }

    #[test]
    fn whatever_else_is_named_leads_home() {
        let long = format!("/restoran/{}", "a".repeat(10_000));
        for text in [
            "",
            "restoran",
            "//evil.example",
            "/\\evil.example",
            "/restoran\\..",
            "\\/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/auth/login",
            "/restoranlar",
            "/oturum/yenile?donus=%2F",
            "/./restoran",
            "/restoran/ a",
            "/restoran\r\nSet-Cookie: a=b",
            "/restoran\t",
            "/\t/evil.example",
            "/restoran#x",
            "/köfte",
            &long,
        ] {
            assert_eq!(parsed(text), "/", "{text}");
        }
    }

    #[test]
    fn it_survives_the_way_through_an_address() {
        let page = ReturnPath::parse("/restoran/k%C3%B6fte?a=1&b=%2B", SEGMENTS);

        assert_eq!(page.detour_by("/giris"), "/giris?donus=%2Frestoran%2Fk%25C3%25B6fte%3Fa%3D1%26b%3D%252B");
    }

    #[test]
    fn what_was_chosen_on_the_way_comes_along_once() {
        let with = |page: &str| ReturnPath::parse(page, SEGMENTS).with("adres", "018f-1").0;

        assert_eq!(with("/restoran"), "/restoran?adres=018f%2D1");
        assert_eq!(with("/restoran?adres=0&q=a&adres=1&adresler=2"), "/restoran?q=a&adresler=2&adres=018f%2D1");
    }

    /// Texts that come close: of the characters and pieces that parsers fall over.
    fn texts() -> impl Strategy<Value = String> {
        let pieces = prop::sample::select(vec![
            "/",
            "//",
            "\\",
            "?",
            "#",
            ":",
            "@",
            ".",
            "..",
            "%2f",
            "%5c",
            "%0d%0a",
            "\r",
            "\n",
            "\t",
            "\0",
            " ",
            "restoran",
            "guvenlik",
            "oturum",
            "evil.example",
            "https:",
            "javascript:",
            "ş",
        ]);
        prop_oneof![any::<String>(), prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())]
    }

    proptest! {
        #[test]
        fn no_text_leads_to_another_host_or_breaks_a_header(text in texts()) {
            let path = parsed(&text);

            prop_assert!(path.starts_with('/') && !path.starts_with("//") && path.len() <= LONGEST);
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'));
            let first = path[1..].split(['/', '?']).next().unwrap();
            prop_assert!(first.is_empty() || (SEGMENTS.contains(&first) && first != SESSION));
            prop_assert_eq!(parsed(&path), path.clone());
            // As a browser resolves it against where it stands.
            let uri: Uri = format!("http://liman.example{path}").parse().unwrap();
            prop_assert_eq!(uri.authority().unwrap().as_str(), "liman.example");
        }
    }
}
