//! Where a picture is. We never fetch it; the browser of whoever looks does.

use kit::{CONTROL_CHARACTERS, FieldValue, Text};
use serde::Serialize;

const LONGEST: usize = 255;

/// A path of ours, or an `https` address without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct PictureUrl(String);

/// The text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidPictureUrl;

impl PictureUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for PictureUrl {
    type Err = InvalidPictureUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPictureUrl> {
        let is_typed = text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`'));
        let is_address = match text.strip_prefix("https://") {
            Some(rest) => {
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                !host.is_empty() && !host.contains('@')
            }
            // Two slashes would name another host.
            None => text.starts_with('/') && !text.starts_with("//"),
        };
        if is_typed && is_address && text.len() <= LONGEST { Ok(Self(text.to_owned())) } else { Err(InvalidPictureUrl) }
    }
}

impl FieldValue for PictureUrl {
    type Raw = String;

    fn parse(raw: String) -> Result<Self, (&'static str, Text)> {
        if raw.contains(char::is_control) {
            return Err(CONTROL_CHARACTERS);
        }
        raw.trim().parse().map_err(|InvalidPictureUrl| {
            let text = Text::new(
                "Resim adresi https:// ya da / ile başlamalı ve en çok 255 karakter olmalıdır.",
                "The address of a picture must begin with https:// or / and have at most 255 characters.",
            );
            ("PICTURE_URL_INVALID", text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_ours_or_comes_encrypted_and_without_credentials() {
        for fine in ["/media/demo/logo/1.svg", "https://cdn.example.com/a.png?x=1", "/"] {
            assert!(fine.parse::<PictureUrl>().is_ok(), "{fine}");
        }
        let long = format!("/{}", "a".repeat(255));
        for wrong in [
            "",
            "logo.png",
            "//evil.example.com/a.png",
            "http://example.com/a.png",
            "javascript:alert(1)",
            "data:image/svg+xml,",
            "https://",
            "https://user:secret@example.com/a.png",
            "/a b",
            "/ş",
            "/a\"onerror=",
            long.as_str(),
        ] {
            assert_eq!(wrong.parse::<PictureUrl>(), Err(InvalidPictureUrl), "{wrong}");
        }
    }
}
