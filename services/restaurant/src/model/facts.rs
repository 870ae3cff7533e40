//! What restaurants are filtered and sorted by.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use clock::Timestamp;
use contracts::geography::{Coordinates, DeliveryArea, Site};
use contracts::{Money, UserId};

use super::{NameKey, OpenTimes, Status};

/// What is known of a restaurant beside its texts.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) owner_id: UserId,
    pub(crate) status: Status,
    pub(crate) name: NameKey,
    /// The keys of its il and ilçe.
    pub(crate) city: Arc<str>,
    pub(crate) district: Arc<str>,
    /// Of its cuisines and of what it says of itself.
    pub(crate) words: WordSet,
    /// In hundredths; 0 where nobody has rated it.
    pub(crate) rating: i32,
    pub(crate) delivery_fee: Money,
    pub(crate) min_order: Money,
    pub(crate) prep_time: i16,
    pub(crate) created_at: Timestamp,
    pub(crate) coordinates: Option<Coordinates>,
    pub(crate) area: DeliveryArea,
    pub(crate) open: OpenTimes,
}

/// Words as they are compared, each once, by a hash: nobody reads them any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct WordSet(Arc<[u64]>);

impl Facts {
    /// Where it is, as what delivers decides by.
    pub(crate) fn site(&self) -> Site<'_> {
        Site { city_key: &self.city, coordinates: self.coordinates }
    }
}

impl WordSet {
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let of_text = |text| search::normalize(text).split_whitespace().map(hash).collect::<Vec<_>>();
        let mut words: Vec<u64> = texts.into_iter().flat_map(of_text).collect();
        words.sort_unstable();
        words.dedup();
        Self(words.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all words of `other` are among these.
    pub(crate) fn has_all(&self, other: &Self) -> bool {
        other.0.iter().all(|word| self.0.binary_search(word).is_ok())
    }
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_they_are_written_and_no_parts_of_them() {
        let words = WordSet::of(["Ev Yemeği", "Adana kebap, LAHMACUN"]);

        for text in ["ev yemegi", "Lahmacun", "KEBAP", "kebap adana", ""] {
            assert!(words.has_all(&WordSet::of([text])), "{text}");
        }
        for text in ["keba", "kebap pide", "yemekleri"] {
            assert!(!words.has_all(&WordSet::of([text])), "{text}");
        }
    }
}
