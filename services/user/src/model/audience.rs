//! How many a campaign of a restaurant would reach: when that is counted anew, and what is said of it.

use contracts::AudienceCounted;
use strum::{EnumString, IntoStaticStr};

/// What has changed, so that audiences may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum AudienceChange {
    /// Somebody follows a restaurant, or does no more.
    Restaurant,
    /// Somebody follows a cuisine, or does no more.
    Cuisine,
    /// Somebody has agreed to commercial mail, or has withdrawn.
    Consent,
    /// A restaurant is new, or cooks something else.
    Catalog,
}

impl AudienceChange {
    /// The word in columns.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The restaurant is counted anew whatever was counted before.
pub(crate) const ALL_CHANGED: i64 = 1_000_000_000;

/// One in forty: a count is 2.5 % off before it is made anew, and counting takes its time.
const TOLERATED: i64 = 40;

/// How many changes of one follower each make a new count worth while, where so many are counted.
pub(crate) fn changes_needed(followers: i64, consenting: i64) -> i64 {
    (followers.min(consenting) / TOLERATED).max(1)
}

/// What is said of a count: so few that they could be guessed are not said.
pub(crate) fn counted_out(count: i64) -> Option<u64> {
    u64::try_from(count).ok().filter(|count| *count >= AudienceCounted::LEAST_COUNTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_not_counted_out() {
        assert_eq!([0, 4, 5, 1_204].map(counted_out), [None, None, Some(5), Some(1_204)]);
    }

    #[test]
    fn small_counts_are_exact_and_large_ones_nearly() {
        assert_eq!([(0, 0), (79, 79), (10_000, 7), (10_000, 4_000)].map(|(f, c)| changes_needed(f, c)), [1, 1, 1, 100]);
    }
}
