//! The cookies of pages. They open pages alone: no route of the API reads one, but for the device's, which opens nothing.

use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::AppendHeaders;

/// A cookie of ours. All of them are for the whole host and no other, and no script reads one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::EnumIter))]
pub enum Cookie {
    /// The access token, set by auth.
    Access,
    /// The refresh token, set and read by auth.
    Refresh,
    /// The session was renewed a moment ago, set by auth.
    Renewed,
    /// A device on which somebody signed in before, set and read by auth.
    Device,
    /// `tr` or `en`, as the reader chose it.
    Language,
    /// What the next page says once.
    Flash,
    /// The cart of somebody who is not signed in, set and read by cart. Whoever knows it may change the cart.
    Cart,
    /// How much the cart holds, set by cart: a hint for the header of pages, never trusted.
    Basket,
}

/// How browsers reach the platform, by which cookies are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieScheme {
    /// By plain HTTP, where `Secure` cookies would not come back.
    Http,
    /// By TLS: `__Host-` and `Secure`, so that no other host of the domain can plant one.
    Https,
}

/// For how long a browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// So long.
    For(Duration),
    /// Until it is closed.
    UntilClosed,
}

impl CookieScheme {
    /// That of `public_url`, where it is set.
    #[must_use]
    pub fn of(public_url: Option<&str>) -> Self {
        if public_url.is_some_and(|url| url.starts_with("https://")) { Self::Https } else { Self::Http }
    }
}

impl Cookie {
    /// Its value in the request of `headers`. Programs on other ports of one machine share its cookies, so what can't be read is
    /// not ours and nobody's fault.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, scheme: CookieScheme) -> Option<&str> {
        let name = self.name(scheme);
        let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let mut pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(<[u8]>::trim_ascii);
        let value = pairs.find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        std::str::from_utf8(value).ok()
    }

    /// The value of a `Set-Cookie` header.
    ///
    /// # Panics
    /// `value` holds what no header can.
    #[must_use]
    pub fn set(self, value: &str, keep: Keep, scheme: CookieScheme) -> HeaderValue {
        let name = self.name(scheme);
        let age = match keep {
            Keep::For(ttl) => format!("; Max-Age={}", ttl.as_secs()),
            Keep::UntilClosed => String::new(),
        };
        let secure = match scheme {
            CookieScheme::Http => "",
            CookieScheme::Https => "; Secure",
        };
        let cookie = format!("{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).expect("tokens, codes and languages are ASCII")
    }

    /// The `Set-Cookie` header that makes a browser forget it.
    #[must_use]
    pub fn delete(self, scheme: CookieScheme) -> HeaderValue {
        self.set("", Keep::For(Duration::ZERO), scheme)
    }

    fn name(self, scheme: CookieScheme) -> String {
        let name = match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Renewed => "renewed",
            Self::Device => "device",
            Self::Language => "lang",
            Self::Flash => "flash",
            Self::Cart => "cart",
            Self::Basket => "basket",
        };
        match scheme {
            CookieScheme::Http => name.to_owned(),
            CookieScheme::Https => format!("__Host-{name}"),
        }
    }
}

/// The headers of an answer that sets `cookies`.
pub fn set_cookies(cookies: impl IntoIterator<Item = HeaderValue>) -> AppendHeaders<Vec<(HeaderName, HeaderValue)>> {
    AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8], scheme: CookieScheme) -> Option<String> {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_bytes(line).unwrap())]);
        Cookie::Access.read(&headers, scheme).map(str::to_owned)
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        for (line, found) in [
            ("a=1; access=xyz; b=2", Some("xyz")),
            ("access=xyz", Some("xyz")),
            ("a=ş;access=x=y", Some("x=y")),
            ("myaccess=xyz; accessx=1; access", None),
            ("__Host-access=xyz", None),
        ] {
            assert_eq!(read(line.as_bytes(), CookieScheme::Http).as_deref(), found, "{line}");
        }
    }

    #[test]
    fn what_another_program_left_in_the_jar_hides_nothing_and_breaks_nothing() {
        assert_eq!(read(b"a=\xff; access=xyz", CookieScheme::Http).as_deref(), Some("xyz"));
        assert_eq!(read(b"access=\xff", CookieScheme::Http), None);
    }

    #[test]
    fn behind_tls_the_plain_name_counts_for_nothing() {
        assert_eq!(read(b"access=planted; __Host-access=xyz", CookieScheme::Https).as_deref(), Some("xyz"));
        assert_eq!(read(b"access=planted", CookieScheme::Https), None);
    }

    #[test]
    fn a_cookie_is_for_the_whole_host_and_for_no_script() {
        let ttl = Keep::For(Duration::from_secs(60));

        assert_eq!(
            Cookie::Access.set("x", ttl, CookieScheme::Http),
            "access=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            Cookie::Refresh.set("x", Keep::UntilClosed, CookieScheme::Https),
            "__Host-refresh=x; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(Cookie::Flash.delete(CookieScheme::Http), "flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn the_scheme_is_that_of_the_public_address() {
        assert_eq!(CookieScheme::of(Some("https://liman.example")), CookieScheme::Https);
        assert_eq!(CookieScheme::of(Some("http://localhost:8080")), CookieScheme::Http);
        assert_eq!(CookieScheme::of(None), CookieScheme::Http);
    }
}
