//! Which picture a dish or a restaurant has, by what it is called.

use contracts::fold;
use uuid::Uuid;
use web::{Art, Dish};

/// How words begin that name a kind of dish, as they are folded. The first kind that fits is the one: a chicken soup is a soup.
const STEMS: [(Dish, &[&str]); 10] = [
    (Dish::Corba, &["corba", "mercimek", "ezogelin", "tarhana", "yayla", "iskembe", "beyran"]),
    (Dish::Salata, &["salata", "meze", "cacik", "humus", "haydari", "roka", "kisir", "zeytinyagli", "vegan"]),
    (
        Dish::Tatli,
        &["tatli", "baklava", "kunefe", "sutlac", "dondurma", "kadayif", "helva", "pasta", "lokma", "trilece"],
    ),
    (
        Dish::Icecek,
        &[
            "icecek",
            "ayran",
            "kola",
            "gazoz",
            "limonata",
            "salgam",
            "cay",
            "kahve",
            "suyu",
            "soda",
            "smoothie",
            "milkshake",
        ],
    ),
    (Dish::Kahvalti, &["kahvalti", "menemen", "omlet", "yumurta", "simit", "tost", "borek", "pogaca", "kaymak"]),
    (Dish::Burger, &["burger", "hamburger", "cheeseburger", "beef", "sandvic"]),
    (Dish::Pide, &["pide", "lahmacun", "pizza", "gozleme", "margarita"]),
    (Dish::Balik, &["balik", "deniz", "hamsi", "levrek", "cipura", "somon", "midye", "karides", "kalamar", "ahtapot"]),
    (Dish::Tavuk, &["tavuk", "pilic", "kanat", "nugget"]),
    (
        Dish::Kebap,
        &["kebap", "kebab", "adana", "urfa", "doner", "durum", "kofte", "izgara", "sis", "beyti", "iskender"],
    ),
];

/// The picture of what `texts` say something of; what is said first counts most.
pub(super) fn picture<'a>(texts: impl IntoIterator<Item = &'a str>, id: Uuid) -> String {
    let dish = texts.into_iter().find_map(kind).unwrap_or(Dish::Genel);
    Art::of(dish, id).path()
}

fn kind(text: &str) -> Option<Dish> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|letter: char| !letter.is_alphanumeric()).collect();
    let fits = |stems: &[&str]| words.iter().any(|word| stems.iter().any(|stem| word.starts_with(stem)));
    STEMS.iter().find(|(_, stems)| fits(stems)).map(|(dish, _)| *dish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dish_looks_like_what_it_is_called() {
        for (name, dish) in [
            ("Adana Kebabı", Some(Dish::Kebap)),
            ("Tavuk Suyu Çorba", Some(Dish::Corba)),
            ("Tavuk Şiş", Some(Dish::Tavuk)),
            ("FISTIKLI LAHMACUN", Some(Dish::Pide)),
            ("Sürpriz", None),
        ] {
            assert_eq!(kind(name), dish, "{name}");
        }
    }

    #[test]
    fn what_a_name_does_not_say_its_cuisine_does() {
        let id = Uuid::from_u128(7);

        assert_eq!(picture(["Sürpriz", "Pide"], id), Art::of(Dish::Pide, id).path());
        assert_eq!(picture(["Sürpriz"], id), Art::of(Dish::Genel, id).path());
    }
}
