//! Pictures of dishes and restaurants, drawn of their names: nobody has to upload one, and none is loaded from elsewhere.

use std::fmt;
use std::str::FromStr;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use strum::{Display, EnumString};
use uuid::Uuid;

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, Display)]
#[cfg_attr(test, derive(strum::EnumIter))]
#[strum(serialize_all = "lowercase")]
pub enum Dish {
    /// Grilled meat.
    Kebap,
    /// Flat bread with something on it.
    Pide,
    /// Soup.
    Corba,
    /// Burgers.
    Burger,
    /// Chicken.
    Tavuk,
    /// Salads.
    Salata,
    /// Desserts.
    Tatli,
    /// Drinks.
    Icecek,
    /// Fish.
    Balik,
    /// Breakfast.
    Kahvalti,
    /// Whatever else is eaten.
    Genel,
}

/// One of the pictures of a dish; there are so few that browsers keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Art {
    dish: Dish,
    /// 0 to 15.
    variant: u8,
}

/// The name of no picture of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoArt;

/// The colours of the ground and of the plate.
const GROUNDS: [(&str, &str); 8] = [
    ("#0e4a59", "#fdf4e6"),
    ("#17596a", "#ffe6bd"),
    ("#7a3b1d", "#fdf4e6"),
    ("#2f6b4f", "#fff3d6"),
    ("#8c2f39", "#ffe9d2"),
    ("#3c3f6b", "#fdeccb"),
    ("#a8601a", "#fff6e6"),
    ("#2f8091", "#fffdf9"),
];

const WAVES: [&str; 3] = [
    "M0 92q20-10 40 0t40 0 40 0 40 0v28H0z",
    "M0 96q13-14 27 0t27 0 27 0 27 0 27 0 27 0v24H0z",
    "M0 90q40 16 80 0t80 0v30H0z",
];

#[derive(Template)]
#[template(path = "art.svg", escape = "none")]
struct Picture {
    ground: &'static str,
    plate: &'static str,
    wave: &'static str,
    dots: Vec<(u8, u8)>,
    glyph: &'static str,
    turn: i16,
}

impl Art {
    /// The picture of a thing with this id.
    #[must_use]
    pub fn of(dish: Dish, id: Uuid) -> Self {
        Self { dish, variant: digest(&SHA256, id.as_bytes()).as_ref()[0] >> 4 }
    }

    /// Where a page finds it.
    #[must_use]
    pub fn path(self) -> String {
        format!("/assets/art/{self}.svg")
    }

    /// The picture itself.
    pub(crate) fn svg(self) -> String {
        let seed = digest(&SHA256, self.to_string().as_bytes());
        let &[ground, wave, turn, count, ref places @ ..] = seed.as_ref() else { return String::new() };
        let (ground, plate) = GROUNDS[usize::from(ground) % GROUNDS.len()];
        let dots = places.chunks_exact(2).take(3 + usize::from(count % 4));
        let picture = Picture {
            ground,
            plate,
            wave: WAVES[usize::from(wave) % WAVES.len()],
            dots: dots.map(|place| (place[0] % 150 + 5, place[1] % 40 + 6)).collect(),
            glyph: self.dish.glyph(),
            turn: i16::from(turn % 13) - 6,
        };
        picture.to_string()
    }
}

impl Dish {
    /// What lies on the plate, around the middle of a square of 60.
    fn glyph(self) -> &'static str {
        match self {
            Self::Kebap => "M-26 2h52M-18-6h8v16h-8zM-5-6h8v16h-8zM8-6h8v16H8z",
            Self::Pide => "M-26 0q26-22 52 0-26 22-52 0zM-14 0q14-10 28 0",
            Self::Corba => "M-22-4h44q-2 20-22 20T-22-4zM-8-10q4-5 0-10M6-10q4-5 0-10",
            Self::Burger => "M-20-4q0-14 20-14T20-4zM-22 2h44M-20 8h40q0 8-20 8T-20 8z",
            Self::Tavuk => "M-14-10q20-14 28 4 2 14-14 16l-12 10-6-6 8-10q-10-4-4-14z",
            Self::Salata => "M-22 0h44q-4 18-22 18T-22 0zM-12-2q-4-14 8-14 4 8-2 14M4-2q2-14 14-10",
            Self::Tatli => "M-20-6h40v8h-40zM-20 4h40v8h-40zM0-6q-6-8 0-12 6 4 0 12",
            Self::Icecek => "M-12-14h24l-4 32H-8zM4-14l6-10",
            Self::Balik => "M-24 0q18-18 36 0-18 18-36 0zM12 0l12-10v20z",
            Self::Kahvalti => "M-18 0a18 14 0 1 0 36 0 18 14 0 1 0-36 0M-7 0a7 7 0 1 0 14 0 7 7 0 1 0-14 0",
            Self::Genel => "M-12-18v14q0 6 4 6v18M-4-18v14M-12-8h8M10-18q-6 8 0 18v20",
        }
    }
}

impl fmt::Display for Art {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}", self.dish, self.variant)
    }
}

impl FromStr for Art {
    type Err = NoArt;

    fn from_str(name: &str) -> Result<Self, NoArt> {
        let (dish, variant) = name.split_once('-').ok_or(NoArt)?;
        let art = Self {
            dish: dish.parse().map_err(|_| NoArt)?,
            variant: u8::from_str_radix(variant, 16).map_err(|_| NoArt)?,
        };
        // Of the other ways to write it, none is the name.
        if art.variant < 16 && art.to_string() == name { Ok(art) } else { Err(NoArt) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_picture_is_small_and_different_and_has_the_name_by_which_it_is_found() {
        let all: Vec<Art> = Dish::iter().flat_map(|dish| (0..16).map(move |variant| Art { dish, variant })).collect();

        for art in &all {
            assert_eq!(art.to_string().parse(), Ok(*art));
            let svg = art.svg();
            assert!(svg.len() < 1024 && svg.starts_with("<svg"), "{svg}");
            assert!(!svg.contains("style=") && !svg.contains("<script") && !svg.contains("href"), "{svg}");
        }
        let different: HashSet<String> = all.iter().map(|art| art.svg()).collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn a_thing_has_the_same_picture_wherever_it_is_shown() {
        let id = Uuid::from_u128(42);

        assert_eq!(Art::of(Dish::Pide, id), Art::of(Dish::Pide, id));
        assert_eq!(
            Art::of(Dish::Pide, id).path(),
            format!("/assets/art/pide-{:x}.svg", Art::of(Dish::Pide, id).variant)
        );
        let variants: HashSet<u8> = (0..400).map(|id| Art::of(Dish::Pide, Uuid::from_u128(id)).variant).collect();
        assert_eq!(variants.len(), 16);
    }

    #[test]
    fn no_other_name_is_one_of_a_picture() {
        for name in ["pide", "pide-10", "pide-0a", "pide-A", "Pide-1", "pide-+1", "-1", ""] {
            assert_eq!(name.parse::<Art>(), Err(NoArt), "{name}");
        }
    }
}
