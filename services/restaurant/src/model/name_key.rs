//! The order of names: the Turkish alphabet, in which neither database sorts.

use std::sync::Arc;

/// Folding takes the marks off what is no letter of it.
const ALPHABET: &str = "0123456789abcçdefgğhıijklmnoöpqrsştuüvwxyz";

/// What comes behind all letters of the alphabet.
const BEHIND: u8 = u8::MAX;

/// A name as it is sorted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NameKey(Arc<[u8]>);

impl NameKey {
    pub(crate) fn of(name: &str) -> Self {
        let mut key = Vec::with_capacity(name.len());
        for letter in name.chars().flat_map(small) {
            if let Some(place) = place(letter) {
                key.push(place);
            } else {
                contracts::fold(letter.encode_utf8(&mut [0; 4]))
                    .chars()
                    .for_each(|letter| add_folded(&mut key, letter));
            }
        }
        Self(key.into())
    }
}

fn small(letter: char) -> impl Iterator<Item = char> {
    let turkish = match letter {
        'I' => Some('ı'),
        'İ' => Some('i'),
        _ => None,
    };
    turkish.into_iter().chain(letter.to_lowercase().filter(move |_| turkish.is_none()))
}

/// Signs come before digits, and digits before letters.
fn add_folded(key: &mut Vec<u8>, letter: char) {
    match place(letter) {
        Some(place) => key.push(place),
        None if letter.is_alphanumeric() => {
            key.push(BEHIND);
            key.extend(u32::from(letter).to_be_bytes());
        }
        None => key.push(0),
    }
}

fn place(letter: char) -> Option<u8> {
    ALPHABET.chars().zip(1..).find_map(|(known, place)| (known == letter).then_some(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_turkish_alphabet() {
        let sorted = [
            "",
            "1 Numara",
            "Ada",
            "ada 2",
            "Adana",
            "Cihan",
            "Çıpa",
            "Dümen",
            "Gemi",
            "Ğ",
            "Halat",
            "Ihlamur",
            "ızgara",
            "İmbat",
            "i̇mbat 2",
            "Jale",
            "Oda",
            "Öz",
            "Poyraz",
            "Quay",
            "Rıhtım",
            "Sandal",
            "Şamandıra",
            "Tersane",
            "Usta",
            "Üçüncü",
            "Vira",
            "Waffle",
            "Yelken",
            "Zeytin",
            "Ωmega",
            "海",
        ];

        for pair in sorted.windows(2) {
            assert!(NameKey::of(pair[0]) < NameKey::of(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn case_and_foreign_marks_make_no_difference() {
        for (one, other) in [("ISPARTA", "ısparta"), ("İZMİR", "izmir"), ("Kâğıt", "kağıt"), ("Café", "cafe")]
        {
            assert_eq!(NameKey::of(one), NameKey::of(other), "{one}");
        }
    }
}
