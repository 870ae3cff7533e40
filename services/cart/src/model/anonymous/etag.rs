//! Which state of a cart a client has seen.

use std::convert::Infallible;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// Names the bytes that stand at the key of a cart, whoever wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ETag(String);

/// What a client makes its change depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// That there is a cart.
    Any,
    /// That the cart is in one of these states.
    One(Vec<String>),
    /// That there is none.
    NoCart,
}

impl ETag {
    /// Of what stands at the key.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(hash(bytes))
    }

    /// The value of the header, in its quotes.
    pub(crate) fn header(&self) -> String {
        format!("\"{}\"", self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ETag {
    type Err = Infallible;

    fn from_str(digits: &str) -> Result<Self, Infallible> {
        Ok(Self(digits.to_owned()))
    }
}

contracts::text_column!(ETag);

impl IfMatch {
    /// What a header says (RFC 9110, section 13.1.1). A weak tag never matches, nor does what is no tag.
    pub(crate) fn parse(header: &str) -> Self {
        if header.trim() == "*" {
            return Self::Any;
        }
        let tags = header.split(',').map(str::trim).filter_map(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
        Self::One(tags.map(str::to_owned).collect())
    }

    /// That it is in this state; `None` is no cart.
    pub(crate) fn exactly(standing: Option<&ETag>) -> Self {
        standing.map_or(Self::NoCart, |ETag(tag)| Self::One(vec![tag.clone()]))
    }

    /// Whether a cart in this state is meant; `None` is no cart.
    pub(crate) fn matches(&self, standing: Option<&ETag>) -> bool {
        match (self, standing) {
            (Self::NoCart, standing) => standing.is_none(),
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::One(tags), Some(ETag(tag))) => tags.contains(tag),
        }
    }
}

/// The first 64 bits of a SHA-256, as 16 hex digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&digest(&SHA256, bytes).as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_sixteen_hex_digits_of_the_bytes() {
        assert_eq!(ETag::of(b"").header(), "\"e3b0c44298fc1c14\"");
    }

    #[test]
    fn a_condition_holds_for_the_states_that_it_names() {
        let standing = ETag::of(b"");
        for (header, holds) in [
            ("*", true),
            ("\"e3b0c44298fc1c14\"", true),
            ("\"a\", \"e3b0c44298fc1c14\"", true),
            ("\"a\"", false),
            ("W/\"e3b0c44298fc1c14\"", false),
            ("e3b0c44298fc1c14", false),
            ("", false),
        ] {
            assert_eq!(IfMatch::parse(header).matches(Some(&standing)), holds, "{header}");
            assert!(!IfMatch::parse(header).matches(None), "{header}");
        }
    }
}
