//! The il and ilçe of Turkey. They suggest and they give keys; a name that is not among them is no fault.

/// An il, or an ilçe in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The name of the il.
    pub city: &'static str,
    /// The name of the ilçe; `None` for the il itself. Many have one of the same name, so it is nothing without its il.
    pub district: Option<&'static str>,
}

/// How many are suggested.
const MOST_SUGGESTIONS: usize = 10;

struct Entry {
    place: Place,
    /// The key of its own name.
    key: String,
    /// The words of its name and of its il.
    words: Vec<String>,
}

/// The il and ilçe, with what they are found by: made once by whoever asks for them.
pub struct Places(Vec<Entry>);

/// What a name of a place is compared by: folded words, one space between them. Texts that are no known name have one, too.
#[must_use]
pub fn place_key(name: &str) -> String {
    words(name).collect::<Vec<_>>().join(" ")
}

impl Places {
    /// Each il of Turkey with its ilçe behind it, in Turkish alphabetical order.
    #[must_use]
    pub fn of_turkey() -> Self {
        let lines = include_str!("places.txt").lines().filter_map(|line| line.split_once(": ")).skip(1);
        let entries = lines.flat_map(|(city, districts)| {
            let districts = districts.split(", ").map(move |name| (Some(name), name));
            std::iter::once((None, city)).chain(districts).map(move |(district, name)| Entry {
                place: Place { city, district },
                key: place_key(name),
                words: [name, city].into_iter().flat_map(words).collect(),
            })
        });
        Self(entries.collect())
    }

    /// The name of each il with those of its ilçe, in the same order.
    pub fn by_city(&self) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
        let cities = self.0.chunk_by(|entry, next| entry.place.city == next.place.city);
        cities.map(|entries| (entries[0].place.city, entries.iter().filter_map(|entry| entry.place.district).collect()))
    }

    /// The place with these names, however they are written.
    #[must_use]
    pub fn find(&self, city: &str, district: Option<&str>) -> Option<Place> {
        let (city, district) = (place_key(city), district.map(place_key));
        let own = district.as_ref().unwrap_or(&city);
        let same = |entry: &&Entry| {
            entry.key == *own
                && entry.place.district.is_some() == district.is_some()
                && place_key(entry.place.city) == city
        };
        self.0.iter().find(same).map(|entry| entry.place)
    }

    /// Up to ten places that may be meant: first the names that begin so, then those of which a word does, as in
    /// `kadikoy ist`, then those that hold it.
    #[must_use]
    pub fn suggest(&self, query: &str) -> Vec<Place> {
        let (key, words): (_, Vec<_>) = (place_key(query), words(query).collect());
        if key.is_empty() {
            return Vec::new();
        }
        let begins =
            |entry: &Entry| words.iter().all(|word| entry.words.iter().any(|own| own.starts_with(word.as_str())));
        let rank = |entry: &Entry| match entry {
            _ if entry.key == key => Some(0),
            _ if entry.key.starts_with(&key) => Some(1),
            _ if begins(entry) => Some(2),
            _ if entry.key.contains(&key) => Some(3),
            _ => None,
        };
        let mut found: Vec<_> = self.0.iter().filter_map(|entry| Some((rank(entry)?, entry.place))).collect();
        found.sort_by_key(|(rank, place)| (*rank, place.district.is_some()));
        found.into_iter().take(MOST_SUGGESTIONS).map(|(_, place)| place).collect()
    }
}

/// Folded, without apostrophes; what is no letter or digit parts them.
fn words(text: &str) -> impl Iterator<Item = String> {
    let folded = crate::fold(text).replace('\'', "");
    let words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn shown(query: &str) -> Vec<String> {
        let name = |place: Place| match place.district {
            Some(district) => format!("{}/{district}", place.city),
            None => place.city.to_owned(),
        };
        Places::of_turkey().suggest(query).into_iter().map(name).collect()
    }

    #[test]
    fn there_are_81_il_and_973_ilce_and_no_key_twice() {
        let Places(entries) = Places::of_turkey();
        let keys: HashSet<_> =
            entries.iter().map(|entry| (place_key(entry.place.city), entry.place.district.map(place_key))).collect();

        assert_eq!(entries.iter().filter(|entry| entry.place.district.is_none()).count(), 81);
        assert_eq!(entries.iter().filter(|entry| entry.place.district.is_some()).count(), 973);
        assert_eq!(keys.len(), entries.len());
    }

    #[test]
    fn each_il_comes_with_its_own_ilce() {
        let by_city: Vec<_> = Places::of_turkey().by_city().collect();

        assert_eq!(by_city.len(), 81);
        assert_eq!(by_city.iter().map(|(_, districts)| districts.len()).sum::<usize>(), 973);
        let (_, of_istanbul) = by_city.iter().find(|(city, _)| *city == "İstanbul").unwrap();
        assert!(of_istanbul.contains(&"Kadıköy") && !of_istanbul.contains(&"Çankaya"), "{of_istanbul:?}");
    }

    #[test]
    fn a_place_is_found_however_it_is_written() {
        let places = Places::of_turkey();
        let kadikoy = Some(Place { city: "İstanbul", district: Some("Kadıköy") });
        for (city, district) in [("İstanbul", "Kadıköy"), ("ISTANBUL", "KADIKÖY"), (" istanbul ", "kadikoy")] {
            assert_eq!(places.find(city, Some(district)), kadikoy);
        }
        assert_eq!(places.find("edirne", Some("merkez")).map(|place| place.city), Some("Edirne"));
        assert_eq!(places.find("izmir", None), Some(Place { city: "İzmir", district: None }));
        assert_eq!(places.find("İzmir", Some("Kadıköy")), None);
        assert_eq!(places.find("Atlantis", None), None);
    }

    #[test]
    fn names_that_begin_so_come_first() {
        assert_eq!(shown("kadık"), ["İstanbul/Kadıköy"]);
        assert_eq!(shown("IST")[..1], ["İstanbul"]);
        assert_eq!(shown("kadikoy istanbul"), ["İstanbul/Kadıköy"]);
        assert_eq!(shown("İzm")[..1], ["İzmir"]);
        assert_eq!(shown("merkez").len(), 10);
        assert_eq!(shown("merkez edirne"), ["Edirne/Merkez"]);
        assert_eq!(shown("stanbu"), ["İstanbul"]);
    }

    #[test]
    fn what_is_nowhere_suggests_nothing() {
        for query in ["", "  ", "'", "-,.", "atlantis", "\0", "🍕"] {
            assert_eq!(shown(query), [""; 0], "{query:?}");
        }
    }
}
