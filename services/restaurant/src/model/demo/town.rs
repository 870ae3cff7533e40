//! What the demo town is made of, as it is written down in `town.txt`.

use std::collections::BTreeMap;

use strum::{EnumString, IntoStaticStr};

use super::Part;

/// A meal or an option, and what it usually costs, in lira.
pub(super) type Priced = (&'static str, u32);

/// A restaurant of the town.
pub(super) struct Plan {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) city: &'static str,
    pub(super) district: &'static str,
    pub(super) street: &'static str,
    pub(super) zip_code: &'static str,
    /// Latitude and longitude.
    pub(super) coordinates: (f64, f64),
    pub(super) kitchen: Kitchen,
    pub(super) hours: Hours,
    /// In the order of the menu.
    pub(super) meals: Vec<(Part, Priced)>,
    /// What may be chosen with its specialities.
    pub(super) groups: Vec<Group>,
}

/// What is cooked, which decides what else stands on a menu. Its word is the cuisine that its restaurants name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
pub(super) enum Kitchen {
    Kebap,
    #[strum(serialize = "Deniz Ürünleri")]
    Seafood,
    Pide,
    #[strum(serialize = "Döner")]
    Doner,
    #[strum(serialize = "Izgara")]
    Grill,
    #[strum(serialize = "Fast Food")]
    FastFood,
    #[strum(serialize = "Ev Yemeği")]
    Home,
    Burger,
    #[strum(serialize = "Dürüm")]
    Durum,
    #[strum(serialize = "Çorba")]
    Soup,
    #[strum(serialize = "Kahvaltı")]
    Breakfast,
    #[strum(serialize = "Tatlı")]
    Dessert,
    Pizza,
    Vegan,
}

/// When a restaurant of the town is open.
pub(super) struct Hours {
    /// On each day that has none of its own.
    pub(super) daily: &'static str,
    pub(super) monday: Option<&'static str>,
    pub(super) sunday: Option<&'static str>,
    /// On the republic's day.
    pub(super) is_closed_on_29_october: bool,
}

/// What may be chosen with the specialities of a restaurant.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) min: u8,
    /// Without it there is no limit.
    pub(super) max: Option<u8>,
    /// Each with what it costs more.
    pub(super) options: Vec<Priced>,
}

/// What can't be read, as it stands there, or what is missing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the town can't be read at {0:?}")]
pub(super) struct InvalidTown(String);

/// All restaurants, in their order.
pub(super) fn read(text: &'static str) -> Result<Vec<Plan>, InvalidTown> {
    let (mut kitchens, mut drinks, mut plans) = (BTreeMap::new(), Vec::new(), Vec::new());
    for block in text.split("\n\n") {
        let mut block = Block::read(block)?;
        if let Some(name) = block.take("restaurant") {
            plans.push(block.plan(name, &kitchens, &drinks)?);
        } else if let Some(name) = block.take("kitchen") {
            kitchens.insert(kitchen(name)?, priced(block.need("meals")?)?);
        } else if let Some(all) = block.take("drinks") {
            drinks = priced(all)?;
        }
        block.end()?;
    }
    Ok(plans)
}

/// Lines up to an empty one, each a word and what it says.
struct Block(Vec<(&'static str, &'static str)>);

impl Block {
    fn read(text: &'static str) -> Result<Self, InvalidTown> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_once(": ").ok_or_else(|| invalid(line))).collect::<Result<_, _>>().map(Self)
    }

    fn take(&mut self, word: &str) -> Option<&'static str> {
        let place = self.0.iter().position(|(first, _)| *first == word)?;
        Some(self.0.remove(place).1)
    }

    fn need(&mut self, word: &str) -> Result<&'static str, InvalidTown> {
        self.take(word).ok_or_else(|| invalid(word))
    }

    /// Every line was read.
    fn end(self) -> Result<(), InvalidTown> {
        self.0.first().map_or(Ok(()), |(word, _)| Err(invalid(word)))
    }

    fn plan(
        &mut self,
        name: &'static str,
        kitchens: &BTreeMap<Kitchen, Vec<Priced>>,
        drinks: &[Priced],
    ) -> Result<Plan, InvalidTown> {
        let (city, district) = pair(self.need("place")?, "/")?;
        let kitchen = kitchen(self.need("kitchen")?)?;
        let specialities = priced(self.need("meals")?)?;
        let usual = kitchens.get(&kitchen).ok_or_else(|| invalid(name))?;
        let part = |part, meals: &[Priced]| meals.iter().map(|meal| (part, *meal)).collect::<Vec<_>>();
        Ok(Plan {
            name,
            description: self.need("description")?,
            city,
            district,
            street: self.need("street")?,
            zip_code: self.need("zip code")?,
            coordinates: coordinates(self.need("coordinates")?)?,
            kitchen,
            hours: self.hours()?,
            meals: [part(Part::Specialities, &specialities), part(Part::Usual, usual), part(Part::Drinks, drinks)]
                .concat(),
            groups: self.groups()?,
        })
    }

    fn hours(&mut self) -> Result<Hours, InvalidTown> {
        let is_closed_on_29_october = match self.take("29 October") {
            None => false,
            Some("closed") => true,
            Some(other) => return Err(invalid(other)),
        };
        let (daily, monday, sunday) = (self.need("hours")?, self.take("monday"), self.take("sunday"));
        Ok(Hours { daily, monday, sunday, is_closed_on_29_october })
    }

    fn groups(&mut self) -> Result<Vec<Group>, InvalidTown> {
        let chosen = self.0.extract_if(.., |(word, _)| word.starts_with("choose "));
        chosen.map(|(word, said)| group(word, said)).collect()
    }
}

/// `choose 1: Porsiyon: Tek 0; Duble 290`, where instead of `1` stands `0 to 3` or `0 or more`.
fn group(word: &'static str, said: &'static str) -> Result<Group, InvalidTown> {
    let number = |text: &str| text.parse::<u8>().map_err(|_| invalid(word));
    let (_, limits) = pair(word, " ")?;
    let (min, max) = match limits.split_once(' ') {
        None => (number(limits)?, Some(number(limits)?)),
        Some((min, "or more")) => (number(min)?, None),
        Some((min, more)) => (number(min)?, Some(number(more.strip_prefix("to ").ok_or_else(|| invalid(word))?)?)),
    };
    let (name, options) = pair(said, ": ")?;
    Ok(Group { name, min, max, options: priced(options)? })
}

fn kitchen(name: &str) -> Result<Kitchen, InvalidTown> {
    name.parse().map_err(|_| invalid(name))
}

/// `Kuru Fasulye 170; Sütlaç 90`.
fn priced(list: &'static str) -> Result<Vec<Priced>, InvalidTown> {
    let one = |text: &'static str| {
        let (name, lira) = text.rsplit_once(' ').ok_or_else(|| invalid(text))?;
        Ok((name, lira.parse().map_err(|_| invalid(text))?))
    };
    list.split("; ").map(one).collect()
}

fn coordinates(text: &'static str) -> Result<(f64, f64), InvalidTown> {
    let (latitude, longitude) = pair(text, " ")?;
    let degrees = |text: &str| text.parse::<f64>().map_err(|_| invalid(text));
    Ok((degrees(latitude)?, degrees(longitude)?))
}

fn pair(text: &'static str, between: &str) -> Result<(&'static str, &'static str), InvalidTown> {
    text.split_once(between).ok_or_else(|| invalid(text))
}

fn invalid(text: &str) -> InvalidTown {
    InvalidTown(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "\
# Of one restaurant.

kitchen: Deniz Ürünleri
meals: Çipura 480

drinks: Su 20

restaurant: Kaptan Ömer'in Yeri
description: Sofra uzun.
place: İzmir/Urla
street: İskele Mah. 2040 Sok. 3
zip code: 35430
coordinates: 38.3647 26.767
kitchen: Deniz Ürünleri
hours: 12:00-15:00, 18:00-24:00
monday: closed
29 October: closed
meals: Haydari 110; Enginar Dolması 190
choose 1: Porsiyon: Tek 0; Bir buçuk 150
choose 0 to 2: Ekstra: Yumurta 25
choose 0 or more: Yanında: Turşu 15
";

    #[test]
    fn a_town_is_read_as_it_is_written() {
        let plans = read(SMALL).unwrap();

        let [plan] = &plans[..] else { panic!("{} restaurants", plans.len()) };
        assert_eq!((plan.name, plan.city, plan.district), ("Kaptan Ömer'in Yeri", "İzmir", "Urla"));
        assert_eq!((plan.street, plan.zip_code), ("İskele Mah. 2040 Sok. 3", "35430"));
        assert_eq!((plan.coordinates, plan.kitchen), ((38.3647, 26.767), Kitchen::Seafood));
        let Hours { daily, monday, sunday, is_closed_on_29_october } = plan.hours;
        let hours = (daily, monday, sunday, is_closed_on_29_october);
        assert_eq!(hours, ("12:00-15:00, 18:00-24:00", Some("closed"), None, true));
        let meals = [
            (Part::Specialities, ("Haydari", 110)),
            (Part::Specialities, ("Enginar Dolması", 190)),
            (Part::Usual, ("Çipura", 480)),
            (Part::Drinks, ("Su", 20)),
        ];
        assert_eq!(plan.meals, meals);
        let groups: Vec<_> = plan.groups.iter().map(|group| (group.name, group.min, group.max)).collect();
        assert_eq!(groups, [("Porsiyon", 1, Some(1)), ("Ekstra", 0, Some(2)), ("Yanında", 0, None)]);
        assert_eq!(plan.groups[0].options, [("Tek", 0), ("Bir buçuk", 150)]);
    }

    #[test]
    fn what_is_no_town_is_named() {
        let cases = [
            ("monday: closed", "tuesday: closed", "tuesday"),
            ("29 October: closed", "29 October: open", "open"),
            ("Haydari 110", "Haydari", "Haydari"),
            ("Haydari 110", "Haydari 110 TL", "Haydari 110 TL"),
            ("İzmir/Urla", "İzmir", "İzmir"),
            ("zip code: 35430\n", "", "zip code"),
            ("38.3647 26.767", "38.3647 east", "east"),
            ("choose 0 to 2", "choose two", "choose two"),
            ("choose 0 to 2", "choose 0 till 2", "choose 0 till 2"),
            ("kitchen: Deniz Ürünleri\nhours", "kitchen: Deniz\nhours", "Deniz"),
            ("kitchen: Deniz Ürünleri\nhours", "kitchen: Pide\nhours", "Kaptan Ömer'in Yeri"),
            ("# Of", "Of", "Of one restaurant."),
        ];
        for (right, wrong, named) in cases {
            let text: &'static str = SMALL.replacen(right, wrong, 1).leak();

            assert_ne!(text, SMALL);
            assert_eq!(read(text).err(), Some(invalid(named)), "{wrong}");
        }
    }
}
