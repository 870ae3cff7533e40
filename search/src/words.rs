//! The words of a text, and the other forms under which each is found. One analysis for names, dishes and queries.

use contracts::fold;

/// Endings that a Turkish word may carry, folded.
const ENDINGS: [&str; 36] = [
    "lar", "ler", "dan", "den", "tan", "ten", "nin", "nun", "yla", "yle", "siz", "suz", "lik", "luk", "da", "de", "ta",
    "te", "in", "un", "yi", "yu", "ya", "ye", "si", "su", "la", "le", "li", "lu", "ci", "cu", "i", "u", "a", "e",
];

/// How often an ending is taken off.
const MOST_ENDINGS: u8 = 3;

/// What is left of a word has at least so many letters.
const SHORTEST_STEM: usize = 3;

/// What people write for what stands on menus, both folded.
const SYNONYMS: [(&str, &str); 20] = [
    ("balikci", "balik"),
    ("barbeku", "barbecue"),
    ("biftek", "steak"),
    ("cizburger", "cheeseburger"),
    ("cizkek", "cheesecake"),
    ("dondurma", "icecream"),
    ("fastfud", "fastfood"),
    ("frenchfries", "patates"),
    ("hamburger", "burger"),
    ("hotdog", "sosisli"),
    ("kapucino", "cappuccino"),
    ("kola", "cola"),
    ("kroasan", "kruvasan"),
    ("makarna", "pasta"),
    ("neskafe", "nescafe"),
    ("pitza", "pizza"),
    ("sandvic", "sandwich"),
    ("spagetti", "spaghetti"),
    ("susi", "sushi"),
    ("vafil", "waffle"),
];

/// A word as it is compared: folded, without punctuation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Of `Ömer’in`: `omer'in`.
    pub(crate) written: String,
}

impl Word {
    /// Of `omer'in`: `omerin`.
    pub(crate) fn whole(&self) -> String {
        self.written.replace(APOSTROPHE, "")
    }

    /// Of `omer'in`: `omer`.
    pub(crate) fn before_apostrophe(&self) -> Option<&str> {
        self.written.split_once(APOSTROPHE).map(|(before, _)| before)
    }
}

/// What every apostrophe becomes.
const APOSTROPHE: char = '\'';

/// A shorter form of a word and how many endings it lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stem {
    pub(crate) text: String,
    pub(crate) endings: u8,
}

/// The words of `text` in their order. Letters and digits make words; everything else lies between them.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    // An apostrophe is decided upon before folding takes accents that look like it.
    for chunk in text.split(|c: char| !(continues(c) || is_apostrophe(c))) {
        let mut parts = chunk.split(is_apostrophe).map(letters).filter(|part| !part.is_empty());
        let Some(first) = parts.next() else { continue };
        let rest: String = parts.collect();
        let written = if rest.is_empty() { first } else { format!("{first}{APOSTROPHE}{rest}") };
        words.push(Word { written });
    }
    words
}

/// The stems of a folded word, each once with the fewest endings taken off, without the word itself.
pub(crate) fn stems(word: &str) -> Vec<Stem> {
    let mut found: Vec<Stem> = Vec::new();
    let mut longer = vec![word.to_owned()];
    for endings in 1..=MOST_ENDINGS {
        let mut shorter = Vec::new();
        for form in &longer {
            for text in ENDINGS.iter().flat_map(|ending| without(form, ending)) {
                if text != word && !found.iter().any(|stem| stem.text == text) {
                    found.push(Stem { text: text.clone(), endings });
                    shorter.push(text);
                }
            }
        }
        longer = shorter;
    }
    found
}

/// What a folded word is another spelling of.
pub(crate) fn synonym(word: &str) -> Option<&'static str> {
    let place = SYNONYMS.binary_search_by_key(&word, |(written, _)| written).ok()?;
    Some(SYNONYMS[place].1)
}

/// Every word that is another spelling, with what it is another spelling of.
pub(crate) fn synonyms() -> impl Iterator<Item = (&'static str, &'static str)> {
    SYNONYMS.iter().copied()
}

/// `form` without `ending`, and with the consonant that a vowel had softened: `kebabi` → `kebab`, `kebap`.
fn without(form: &str, ending: &str) -> Vec<String> {
    let Some(stem) = form.strip_suffix(ending) else { return Vec::new() };
    if stem.chars().count() < SHORTEST_STEM {
        return Vec::new();
    }
    let hard = match (ending.starts_with(['a', 'e', 'i', 'u']), stem.as_bytes().last()) {
        (true, Some(b'b')) => Some('p'),
        (true, Some(b'g')) => Some('k'),
        (true, Some(b'd')) => Some('t'),
        _ => None,
    };
    let mut forms = vec![stem.to_owned()];
    forms.extend(hard.map(|hard| format!("{}{hard}", &stem[..stem.len() - 1])));
    forms
}

fn letters(part: &str) -> String {
    fold(part).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Marks above and below a letter belong to it; folding drops them.
fn continues(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '`' | '´' | '′')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Vec<String> {
        words(text).iter().map(Word::whole).collect()
    }

    fn has_stem(word: &str, stem: &str, endings: u8) -> bool {
        stems(word).contains(&Stem { text: stem.to_owned(), endings })
    }

    #[test]
    fn letters_and_digits_make_words_and_all_else_lies_between_them() {
        assert_eq!(whole("  Çiğ-Köfte (2 Porsiyon), %50!"), ["cig", "kofte", "2", "porsiyon", "50"]);
        assert_eq!(whole("i\u{307}mbat 🍕 \0 ... —"), ["imbat"]);
        assert_eq!(whole("'' ’ ` ?!"), Vec::<String>::new());
    }

    #[test]
    fn an_apostrophe_makes_two_forms_whichever_one_types() {
        for typed in ["Ömer'in", "Ömer’in", "Ömerʼin", "Ömer`in", "Ömer´in", "Ömer′in"] {
            let omer = &words(typed)[0];
            assert_eq!((omer.whole().as_str(), omer.before_apostrophe()), ("omerin", Some("omer")), "{typed}");
        }
    }

    #[test]
    fn a_stem_lacks_up_to_three_endings_and_keeps_three_letters() {
        assert!(has_stem("lahmacunlar", "lahmacun", 1));
        assert!(has_stem("kebabi", "kebap", 1));
        assert!(has_stem("tavugu", "tavuk", 1));
        assert!(has_stem("cigkofteden", "cigkofte", 1));
        assert!(has_stem("suyuna", "suy", 2));
        assert!(has_stem("corbacilardan", "corba", 3));
        assert!(!has_stem("corbacilardan", "corb", 4));
        assert_eq!(
            stems("suda"),
            [Stem { text: "sud".to_owned(), endings: 1 }, Stem { text: "sut".to_owned(), endings: 1 }]
        );
        assert_eq!(stems("et"), []);
    }

    #[test]
    fn synonyms_are_sorted_and_no_word_is_its_own() {
        assert!(SYNONYMS.is_sorted());
        assert_eq!(synonym("cizburger"), Some("cheeseburger"));
        assert_eq!(synonym("burger"), None);
        assert!(SYNONYMS.iter().all(|(written, meant)| written != meant && synonym(meant).is_none()));
    }
}
