//! Folding: one form for texts that people write in several ways, so that `ISPANAK`, `ıspanak` and `ispanak` compare equal.
//!
//! Knows nothing of words or their endings. No database takes part, because each would fold in its own way.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in small letters without marks: `İ I ı i î` become `i`, and `ç ğ ö ş ü â û` `c g o s u a u`.
/// Any apostrophe becomes `'`; spaces and other signs stay for the caller, who knows what parts words.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'a'..='z' | '0'..='9' | ' ' => folded.push(letter),
            // Before the decomposition, which makes a space and a mark of it.
            '\u{b4}' => folded.push('\''),
            _ => fold_letter(letter, &mut folded),
        }
    }
    folded
}

/// A coupon code as it is written down and compared: without what stands around it, in upper case, and `ı` and `İ` as `I`, because
/// diners type codes on any keyboard. Whether it is one, its service says.
#[must_use]
pub fn fold_coupon_code(typed: &str) -> String {
    typed.trim().replace(['ı', 'İ'], "I").to_ascii_uppercase()
}

/// Decomposes before it takes small letters: of `İ` alone they would be `i` and a dot that no composition removes.
fn fold_letter(letter: char, folded: &mut String) {
    let is_letter = |part: &char| !is_combining_mark(*part);
    let small = std::iter::once(letter).nfkd().filter(is_letter).flat_map(char::to_lowercase);
    folded.extend(small.nfkd().filter(is_letter).map(|part| match part {
        'ı' => 'i',
        '\u{2019}' | '\u{2bc}' | '`' | '\u{2032}' => '\'',
        _ => part,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turkish_letter_folds_to_a_latin_one() {
        assert_eq!(fold("İIıiîÎ"), "iiiiii");
        assert_eq!(fold("çğöşüâû"), "cgosuau");
        assert_eq!(fold("ÇĞÖŞÜÂÛ"), "cgosuau");
        assert_eq!(fold("ISPANAKLI Gözleme, Kâğıt Kebabı"), "ispanakli gozleme, kagit kebabi");
    }

    #[test]
    fn a_letter_and_its_parts_fold_alike() {
        for (composed, decomposed) in
            [("İ", "I\u{307}"), ("i\u{307}", "i"), ("ş", "s\u{327}"), ("ﬁ", "fi"), ("Ａ１", "a1")]
        {
            assert_eq!(fold(composed), fold(decomposed), "{composed:?}");
        }
    }

    #[test]
    fn every_apostrophe_is_the_same() {
        for written in ["Ömer'in", "Ömer’in", "Ömerʼin", "Ömer`in", "Ömer´in", "Ömer′in"] {
            assert_eq!(fold(written), "omer'in", "{written}");
        }
    }

    #[test]
    fn what_is_folded_stays_as_it_is() {
        for letter in '\0'..=char::MAX {
            let folded = fold(letter.encode_utf8(&mut [0; 4]));
            assert_eq!(fold(&folded), folded, "{letter:?}");
        }
    }

    #[test]
    fn a_coupon_code_is_the_same_by_whatever_keyboard() {
        for typed in ["LIMANLI10", "limanli10", "lımanlı10", "LİMANLİ10", " Limanlı10\t"] {
            assert_eq!(fold_coupon_code(typed), "LIMANLI10", "{typed:?}");
        }
        assert_eq!(fold_coupon_code(" çok güzel "), "çOK GüZEL", "what is no code is none afterwards");
    }

    #[test]
    fn capital_and_small_letters_fold_alike() {
        for letter in "abcçdefgğhıijklmnoöprsştuüvyzqwxâîû".chars() {
            let capital: String = letter.to_uppercase().collect();
            assert_eq!(fold(&capital), fold(letter.encode_utf8(&mut [0; 4])), "{letter}");
        }
    }
}
