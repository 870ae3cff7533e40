//! A town of any size, the same in each run, and what diners type in it.

use uuid::Uuid;

/// Meals of each restaurant.
pub(crate) const DISHES: usize = 30;

const KITCHENS: [&str; 24] = [
    "kebap", "döner", "lahmacun", "pide", "köfte", "burger", "pizza", "mantı", "künefe", "baklava", "çorba", "dürüm",
    "tost", "kumpir", "waffle", "balık", "midye", "dolma", "pilav", "ciğer", "tantuni", "iskender", "gözleme", "ayran",
];
const KINDS: [&str; 20] = [
    "acılı",
    "kaşarlı",
    "kıymalı",
    "kuşbaşılı",
    "ıspanaklı",
    "fıstıklı",
    "peynirli",
    "tavuk",
    "et",
    "kuzu",
    "vegan",
    "karışık",
    "soslu",
    "fırında",
    "ızgara",
    "adana",
    "urfa",
    "antep",
    "inegöl",
    "kayseri",
];
const CITIES: [&str; 8] = ["İstanbul", "Ankara", "İzmir", "Bursa", "Antalya", "Adana", "Konya", "Mersin"];
const SYLLABLES: [&str; 16] =
    ["ka", "le", "mo", "ri", "tu", "şe", "çı", "gö", "ba", "du", "fi", "ya", "zi", "no", "sa", "rü"];

/// Words as they stand, with endings, in other order, joined, mistyped, begun, in places, and nowhere.
pub(crate) const QUERIES: [&str; 12] = [
    "kebap",
    "adana kebabı",
    "lahmacunlar",
    "lahmacn",
    "cigkofte",
    "fıstıklı baklava",
    "istanbul döner",
    "ıspanaklı gözleme ayran",
    "peynrli kunefe",
    "karniyarik",
    "m",
    "suşi",
];

/// A restaurant of the town.
pub(crate) struct TownRestaurant {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) cuisine: &'static str,
    /// Its il, by its place among [`CITIES`].
    pub(crate) city: usize,
    pub(crate) dishes: Vec<String>,
    /// Below 50.
    pub(crate) rating: u8,
    /// Below 100.
    pub(crate) fee: u8,
}

impl TownRestaurant {
    /// The one with this number, whatever the size of the town.
    pub(crate) fn new(number: usize) -> Self {
        let mut draw = Draw(number as u64 + 1);
        let name = format!("{} {} {}", draw.name(), draw.name(), draw.of(&KITCHENS));
        let (cuisine, city) = (draw.of(&KITCHENS), draw.below(CITIES.len()));
        let dishes = (0..DISHES).map(|_| draw.dish()).collect();
        let id = Uuid::from_u64_pair(draw.next(), number as u64);
        let [rating, fee] = [50, 100].map(|end| u8::try_from(draw.below(end)).unwrap_or_default());
        Self { id, name, cuisine, city, dishes, rating, fee }
    }

    pub(crate) fn city(&self) -> &'static str {
        CITIES[self.city]
    }
}

/// The same draws in each run (splitmix64).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }

    /// One of some ten thousand.
    fn name(&mut self) -> String {
        (0..2 + self.below(2)).map(|_| self.of(&SYLLABLES)).collect::<String>() + self.of(&["", "li", "ci"])
    }

    fn dish(&mut self) -> String {
        let (kind, kitchen) = (self.of(&KINDS), self.of(&KITCHENS));
        match self.below(4) {
            0 => format!("{kind} {kitchen}"),
            1 => format!("{kind} {} {kitchen}", self.of(&KINDS)),
            2 => format!("{kind} {kitchen} {}", self.of(&KITCHENS)),
            _ => format!("{} {kitchen}", self.name()),
        }
    }
}
