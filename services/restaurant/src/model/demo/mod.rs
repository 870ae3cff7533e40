//! The demo town: 24 restaurants with their menus and a campaign of the platform, the same in each installation.
//!
//! Every id is a hash of a name (UUID version 5, RFC 9562), so that what was written down once is known again, and so are prices
//! and ratings.

mod campaign;
mod picture;
mod town;

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use contracts::{AddressDetails, AddressId, Money, OpeningHours, RestaurantId};
use uuid::Uuid;

use super::{Cuisine, Cuisines, PrepTime, Radius, RestaurantParts, SpecialDay, SpecialDays};
use town::{Group, Hours, Plan};

pub(crate) use campaign::campaign;

/// How many managers run its restaurants, each every third one.
pub(crate) const MANAGERS: usize = 3;

/// What all ids of the town are hashed with.
const NAMESPACE: Uuid = Uuid::from_u128(0x0b5d_7a2e_54f1_4f0e_9c53_2f6d_1d0e_8a11);

/// A restaurant of the town.
pub(crate) struct DemoRestaurant {
    number: usize,
    plan: Plan,
}

/// A part of a menu, by what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Specialities,
    Usual,
    Drinks,
}

impl Part {
    /// In the order of the menu.
    pub(crate) const ALL: [Self; 3] = [Self::Specialities, Self::Usual, Self::Drinks];

    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Specialities => "Öne çıkanlar",
            Self::Usual => "Mutfaktan",
            Self::Drinks => "İçecekler",
        }
    }
}

/// A meal of the town.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DemoMeal {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) part: Part,
    pub(crate) price: Money,
}

/// What may be chosen with its specialities.
pub(crate) struct DemoGroup {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) min: u8,
    pub(crate) max: Option<u8>,
    /// Each with what it costs more.
    pub(crate) options: Vec<(Uuid, &'static str, Money)>,
}

const RESTAURANT: &str = "restaurant";
const MEAL: &str = "meal";

/// All of its restaurants.
pub(crate) fn town() -> impl Iterator<Item = DemoRestaurant> {
    let plans = town::read(include_str!("town.txt")).expect("a test reads all of it");
    (1..).zip(plans).map(|(number, plan)| DemoRestaurant { number, plan })
}

/// The picture of what has this id, as an SVG; `None` where the town has no such thing.
pub(crate) fn picture(kind: &str, id: Uuid) -> Option<String> {
    town().find_map(|restaurant| {
        let name = match kind {
            RESTAURANT => Some(restaurant.plan.name).filter(|_| restaurant.id().0 == id),
            MEAL => restaurant.meals().into_iter().find(|meal| meal.id == id).map(|meal| meal.name),
            _ => None,
        };
        name.map(|name| picture::draw(restaurant.plan.kitchen, name))
    })
}

/// Where the picture of a meal is.
pub(crate) fn meal_picture(meal: &DemoMeal) -> String {
    picture_path(MEAL, meal.id)
}

impl DemoRestaurant {
    pub(crate) fn id(&self) -> RestaurantId {
        RestaurantId(id("restaurant", &self.number.to_string()))
    }

    pub(crate) fn address_id(&self) -> AddressId {
        AddressId(id("address", &self.number.to_string()))
    }

    /// Which manager runs it.
    pub(crate) fn manager(&self) -> usize {
        (self.number - 1) % MANAGERS
    }

    pub(crate) fn address(&self) -> AddressDetails {
        let Plan { name, city, district, street, zip_code, coordinates: (latitude, longitude), .. } = self.plan;
        AddressDetails {
            title: name.to_owned(),
            address: street.to_owned(),
            city: city.to_owned(),
            district: district.to_owned(),
            full_address: format!("{street}, {zip_code} {district}/{city}"),
            zip_code: zip_code.to_owned(),
            apartment: None,
            floor: None,
            door_number: None,
            latitude: Some(latitude),
            longitude: Some(longitude),
            is_default: false,
        }
    }

    /// All that its manager says of it.
    pub(crate) fn parts(&self) -> RestaurantParts {
        let Plan { name, description, kitchen, hours, .. } = &self.plan;
        let chance = Chance::of(self.id().0);
        let cuisine: &'static str = kitchen.into();
        let cuisine = Cuisine::from(cuisine.parse::<contracts::ShortText<64>>().expect("it is a short word"));
        RestaurantParts {
            name: name.parse().expect("it is a short name"),
            description: Some(description.parse().expect("it is a short text")),
            logo: Some(picture_path(RESTAURANT, self.id().0).parse().expect("it is a path")),
            phone_number: None,
            email: None,
            opening_hours: hours.week(),
            prep_time: PrepTime(chance.between(0, 3..=9).cast_signed() * 5),
            delivery_fee: lira(u32::from(chance.between(1, 0..=8)) * 5),
            min_order: lira(u32::from(chance.between(2, 2..=8)) * 25),
            delivery_radius: Some(Radius(i32::from(chance.between(3, 3..=9)) * 1000)),
            delivery_area: None,
            address_id: self.address_id(),
            cuisines: Cuisines(vec![cuisine]),
        }
    }

    /// Its mean rating in hundredths, and how many have rated it.
    pub(crate) fn rating(&self) -> (i32, i32) {
        let chance = Chance::of(self.id().0);
        (i32::from(chance.between(4, 37..=49)) * 10, chance.between(5, 20..=900).into())
    }

    /// The days from `today` on that are not as others.
    pub(crate) fn special_days(&self, today: NaiveDate) -> SpecialDays {
        if !self.plan.hours.is_closed_on_29_october {
            return SpecialDays::default();
        }
        let holiday = |year| NaiveDate::from_ymd_opt(year, 10, 29).expect("each year has such a day");
        let date = Some(holiday(today.year())).filter(|date| *date >= today);
        let date = date.unwrap_or_else(|| holiday(today.year() + 1));
        let note = Some("Cumhuriyet Bayramı".parse().expect("it is a short text"));
        SpecialDays(vec![SpecialDay { date, intervals: contracts::opening_hours::DayHours::default(), note }])
    }

    pub(crate) fn category(&self, part: Part) -> Uuid {
        id("category", &format!("{}/{}", self.number, part.heading()))
    }

    pub(crate) fn meals(&self) -> Vec<DemoMeal> {
        self.plan.meals.iter().map(|(part, (name, lira))| self.meal(*part, name, *lira)).collect()
    }

    pub(crate) fn groups(&self) -> Vec<DemoGroup> {
        self.plan.groups.iter().map(|group| self.group(group)).collect()
    }

    fn meal(&self, part: Part, name: &'static str, usual: u32) -> DemoMeal {
        let id = id("meal", &format!("{}/{name}", self.number));
        // From 90 to 110 in a hundred of what is usual, to five lira.
        let price = (usual * u32::from(Chance::of(id).between(0, 90..=110)) + 250) / 500 * 5;
        DemoMeal { id, name, part, price: lira(price.max(5)) }
    }

    fn group(&self, group: &Group) -> DemoGroup {
        let path = format!("{}/{}", self.number, group.name);
        let option = |(name, more): &(&'static str, u32)| (id("option", &format!("{path}/{name}")), *name, lira(*more));
        let options = group.options.iter().map(option).collect();
        DemoGroup { id: id("group", &path), name: group.name, min: group.min, max: group.max, options }
    }
}

impl Hours {
    fn week(&self) -> OpeningHours {
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let mut hours = [self.daily; 7];
        (hours[0], hours[6]) = (self.monday.unwrap_or(self.daily), self.sunday.unwrap_or(self.daily));
        OpeningHours::from_days(days.into_iter().zip(hours.map(|hours| [hours]))).expect("the table has good hours")
    }
}

/// Numbers that look as if nobody had chosen them, and are the same each time.
struct Chance([u8; 16]);

impl Chance {
    fn of(id: Uuid) -> Self {
        Self(id.into_bytes())
    }

    /// The number at `place` of the first six, within `range`.
    fn between(&self, place: usize, range: RangeInclusive<u16>) -> u16 {
        let (least, most) = range.into_inner();
        least + u16::from(self.0[place]) * 251 % (most - least + 1)
    }
}

fn id(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("demo/{kind}/{name}").as_bytes())
}

fn picture_path(kind: &str, id: Uuid) -> String {
    format!("/media/demo/{kind}/{id}.svg")
}

fn lira(lira: u32) -> Money {
    Money::from_kurus(i64::from(lira) * 100).expect("nobody pays less than nothing")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::{DateTime, TimeDelta, Utc};
    use contracts::opening_hours::{Schedule, Tz};

    use super::*;

    #[test]
    fn a_town_has_enough_of_everything() {
        let meals: Vec<DemoMeal> = town().flat_map(|restaurant| restaurant.meals()).collect();
        let ids: BTreeSet<Uuid> = meals.iter().map(|meal| meal.id).collect();

        assert_eq!(town().count(), 24);
        assert!(meals.len() >= 312 && ids.len() == meals.len(), "{} meals, {} ids", meals.len(), ids.len());
        assert!(town().all(|restaurant| restaurant.meals().len() >= 13));
        assert!(town().filter(|restaurant| !restaurant.groups().is_empty()).count() >= 6);
        assert!(meals.iter().all(|meal| meal.price >= lira(5) && meal.price <= lira(700)));
        assert!((0..MANAGERS).all(|manager| town().any(|restaurant| restaurant.manager() == manager)));
    }

    #[test]
    fn each_group_can_be_chosen_from() {
        for group in town().flat_map(|restaurant| restaurant.groups()) {
            assert!(usize::from(group.min) <= group.options.len(), "{}", group.name);
            assert!(group.max.is_none_or(|max| max >= group.min), "{}", group.name);
        }
    }

    #[test]
    fn an_id_is_the_same_for_ever() {
        let first = town().next().unwrap();

        assert_eq!(first.id().to_string(), "3aace798-874f-5c33-a4ab-c9fdebbea5c4");
        assert_eq!(first.meals()[0].id.to_string(), "d0a53ab9-832b-55c4-bd97-7f532dd1956d");
    }

    #[test]
    fn a_place_is_one_that_is_known() {
        let places = contracts::geography::Places::of_turkey();
        for restaurant in town() {
            let AddressDetails { city, district, .. } = restaurant.address();
            assert!(places.find(&city, Some(&district)).is_some(), "{city}/{district}");
        }
    }

    #[test]
    fn a_holiday_is_ahead() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = |today| town().map(|restaurant| restaurant.special_days(day(today)).0).find(|days| !days.is_empty());

        assert_eq!(on("2026-10-29").unwrap()[0].date, day("2026-10-29"));
        assert_eq!(on("2026-10-30").unwrap()[0].date, day("2027-10-29"));
    }

    /// The cart of the demo's diner is filled there, and the README orders there, at whatever hour.
    #[test]
    fn the_first_restaurant_takes_orders_around_the_clock() {
        let (first, monday) = (town().next().unwrap(), "2026-10-26T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let schedule = Schedule {
            time_zone: Tz::Europe__Istanbul,
            week: first.parts().opening_hours,
            special_days: BTreeMap::new(),
            closures: Vec::new(),
            paused_until: None,
            last_order_minutes: 60,
        };

        assert_eq!(first.special_days(monday.date_naive()), SpecialDays::default());
        for minutes in (0..7 * 24 * 60).step_by(10) {
            let instant = monday + TimeDelta::minutes(minutes);
            assert!(schedule.state(instant).accepts_orders(), "{instant}");
        }
    }

    #[test]
    fn a_picture_is_small_and_of_what_is_there() {
        for restaurant in town() {
            let logo = picture(RESTAURANT, restaurant.id().0).unwrap();
            assert!(logo.len() <= 2048 && logo.starts_with("<svg "), "{} bytes", logo.len());
            for meal in restaurant.meals() {
                assert!(picture(MEAL, meal.id).unwrap().len() <= 2048);
            }
        }
        assert_eq!(picture(RESTAURANT, Uuid::nil()), None);
        assert_eq!(picture(MEAL, town().next().unwrap().id().0), None);
    }
}
