//! What settings of mails and links can be.

use contracts::EmailAddress;
use notification::Tls;

use super::address::Url;
use super::{Value, one_of};

/// An address, alone or with a name: `Lezzetlimanı <posta@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub String);

/// The start of links in mails, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase(pub String);

/// One line about who sends commercial mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderText(pub String);

/// A number in the register of traders in Türkiye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mersis(pub String);

/// No trade name is longer.
const LONGEST_SENDER_TEXT: usize = 200;

impl Value for SenderText {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.contains(kit::breaks_or_reorders) {
            return Err("not one line of text".to_owned());
        }
        if text.chars().nth(LONGEST_SENDER_TEXT).is_some() {
            return Err(format!("it has more than {LONGEST_SENDER_TEXT} characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Value for Mersis {
    fn parse(text: &str) -> Result<Self, String> {
        if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not a MERSİS number, which has 16 digits".to_owned())
        }
    }
}

impl Value for Tls {
    fn parse(text: &str) -> Result<Self, String> {
        one_of(text, &[("starttls", Self::StartTls), ("tls", Self::Tls), ("none", Self::None)])
    }
}

impl Sender {
    /// What stands behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.trim_end_matches('>').rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl Value for Sender {
    fn parse(text: &str) -> Result<Self, String> {
        let address =
            text.strip_suffix('>').and_then(|text| text.rsplit_once('<')).map_or(text, |(_, address)| address);
        let is_plain = address.is_ascii() && !text.chars().any(char::is_control);
        if is_plain && address.parse::<EmailAddress>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err("not an address such as posta@example.com, alone or as in Name <posta@example.com>".to_owned())
        }
    }
}

impl Value for LinkBase {
    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)?;
        if !url.credentials.is_empty() {
            return Err("it holds a user or a password, which everybody would read who gets a link".to_owned());
        }
        let is_web = matches!(url.scheme, "http" | "https")
            && url.hosts.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        let is_start = text.chars().all(|c| c.is_ascii_graphic() && !"<>\"'\\?#".contains(c));
        if is_web && is_start {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err("not the start of a web address such as https://example.com".to_owned())
        }
    }
}
