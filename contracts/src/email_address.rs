//! E-mail addresses, in the one form in which they are stored and compared.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A mailbox: ASCII local part, IDNA domain, both in lower case.
///
/// Lower case is ASCII's own and knows no locale: `İ`, `ı` and other look-alikes are refused in the local part and become
/// punycode in the domain, so two addresses that compare equal are one mailbox. Lengths follow RFC 5321, section 4.5.3.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Email, example = "ayse@example.com")]
pub struct EmailAddress(#[schemars(email)] String);

/// Why a text is no address that we can write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmailAddress {
    /// Nothing was given.
    #[error("the e-mail address is empty")]
    Empty,
    /// More than 254 characters, or more than 64 before the `@`.
    #[error("the e-mail address is too long")]
    TooLong,
    /// Not of the form `name@domain`, or with characters that no mailbox of ours has.
    #[error(
        "this is not an e-mail address such as name@example.com, with ASCII letters, digits and signs before the @"
    )]
    Malformed,
}

impl EmailAddress {
    /// The address as it is stored, sent to and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The part behind the `@`, in lower case; of names beyond ASCII, their punycode.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmailAddress;

    fn from_str(typed: &str) -> Result<Self, InvalidEmailAddress> {
        let typed = typed.trim_matches(' ');
        if typed.is_empty() {
            return Err(InvalidEmailAddress::Empty);
        }
        // Before IDNA sees it: its work grows with the length.
        if typed.len() > 512 {
            return Err(InvalidEmailAddress::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(InvalidEmailAddress::Malformed)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmailAddress::Malformed)?;
        if !is_local_part(local) || !is_domain(&domain) {
            return Err(InvalidEmailAddress::Malformed);
        }
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        if local.len() > 64 || address.len() > 254 {
            return Err(InvalidEmailAddress::TooLong);
        }
        Ok(Self(address))
    }
}

/// The dot-atom of RFC 5322, section 3.2.3; quoted local parts are legal, unused and dangerous in headers.
fn is_local_part(local: &str) -> bool {
    let is_atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// A host name with at least two labels, the last of which is no number: `localhost` and `1.2.3.4` get no mail from us.
fn is_domain(ascii: &str) -> bool {
    let mut labels = ascii.rsplit('.');
    let top_is_name = labels.next().is_some_and(|top| top.chars().any(|c| c.is_ascii_alphabetic()));
    top_is_name && labels.next().is_some()
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmailAddress;

    fn try_from(typed: String) -> Result<Self, InvalidEmailAddress> {
        typed.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case_with_an_ascii_domain() {
        let parsed = |typed: &str| typed.parse::<EmailAddress>().map(String::from);

        assert_eq!(parsed("Ayse.Yilmaz+Liman@Example.COM"), Ok("ayse.yilmaz+liman@example.com".to_owned()));
        assert_eq!(parsed("info@lezzetlimanı.com"), Ok("info@xn--lezzetliman-9zb.com".to_owned()));
        assert_eq!(parsed("info@İSTANBUL.com"), parsed("info@i̇stanbul.com"));
    }

    #[test]
    fn look_alikes_and_control_characters_are_no_local_part() {
        for typed in
            ["İ@example.com", "ayşe@example.com", "ı@example.com", "a\0b@example.com", "a\r\nBcc:x@example.com"]
        {
            assert_eq!(typed.parse::<EmailAddress>(), Err(InvalidEmailAddress::Malformed), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_mailbox_is_refused_by_its_fault() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", vec!["b".repeat(60); 5].join("."));
        assert_eq!("".parse::<EmailAddress>(), Err(InvalidEmailAddress::Empty));
        assert_eq!(long_local.parse::<EmailAddress>(), Err(InvalidEmailAddress::TooLong));
        assert!(long_domain.parse::<EmailAddress>().is_err());
        for typed in
            ["a", "@", "a@", "@example.com", "a@localhost", "a@1.2.3.4", "a@b@", "a..b@example.com", "a@-b.com"]
        {
            assert_eq!(typed.parse::<EmailAddress>(), Err(InvalidEmailAddress::Malformed), "{typed:?}");
        }
    }
}
