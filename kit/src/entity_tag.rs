//! Which state of something a client has, so that it is not sent again.

use axum::http::HeaderMap;
use axum::http::header::IF_NONE_MATCH;

/// The value of an `ETag` header, in its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag that stands for `state`, which has no quotes.
    #[must_use]
    pub fn new(state: impl std::fmt::Display) -> Self {
        Self(format!("\"{state}\""))
    }

    /// The value of the header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the client has this state; for GET a weak tag is as good (RFC 9110, section 13.1.2).
    #[must_use]
    pub fn is_known(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        let mut tags = sent.flat_map(|tags| tags.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_found_in_any_list_of_tags() {
        let tag = EntityTag::new("7-0-");
        let is_known = |sent| tag.is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(sent))]));

        for known in ["\"7-0-\"", "W/\"7-0-\"", "\"6-0-\", \"7-0-\"", "*"] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["", "7-0-", "\"7-0-1\"", "\"17-0-\""] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
