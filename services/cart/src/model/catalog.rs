//! What cart knows of a restaurant.

use std::collections::BTreeMap;

use clock::Timestamp;
use contracts::geography::{Coordinates, DeliveryArea, Site, place_key};
use contracts::opening_hours::{Closure, DayHours, HoursState, Schedule, Tz};
use contracts::pricing::PriceRefusal;
use contracts::{AddressDetails, Catalog, CatalogMeal, MealId, UserId};

use super::Options;

/// What a meal, a group or an option weighs with its name, and a restaurant without them, in bytes.
const PART_WEIGHT: u64 = 192;
const BASE_WEIGHT: u64 = 2_048;

/// A restaurant as its service published it last.
#[derive(Debug, Clone)]
pub(crate) struct RestaurantCopy {
    name: String,
    owner_id: Option<UserId>,
    offer: Option<Offer>,
    weight: u64,
}

/// What can be ordered there, and when.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) catalog: Catalog,
    schedule: Schedule,
}

impl RestaurantCopy {
    /// Without a catalog it was deleted; `owner_id` has run it last.
    pub(crate) fn new(name: String, owner_id: Option<UserId>, catalog: Option<Catalog>) -> Self {
        let owner_id = catalog.as_ref().map(|catalog| catalog.owner_id).or(owner_id);
        let offer = catalog.map(|catalog| Offer { schedule: schedule(&catalog), catalog });
        let weight = BASE_WEIGHT + offer.as_ref().map_or(0, Offer::parts) * PART_WEIGHT;
        Self { name, owner_id, offer, weight }
    }

    /// Whether its hours are read by the clock of another place than it has said.
    pub(crate) fn is_elsewhere(catalog: &Catalog) -> bool {
        catalog.time_zone.parse::<Tz>().is_err()
    }

    /// Roughly how many bytes it is.
    pub(crate) fn weight(&self) -> u64 {
        self.weight
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `None` where the restaurant is gone, as to a diner is one that nobody may see.
    pub(crate) fn offer(&self) -> Option<&Offer> {
        self.offer.as_ref().filter(|offer| offer.catalog.visible)
    }

    /// Who runs it, or has run it until it was deleted; `None` where that is not known.
    pub(crate) fn owner_id(&self) -> Option<UserId> {
        self.owner_id
    }

    /// A meal of its menu, also while nobody may see it.
    pub(crate) fn meal(&self, id: MealId) -> Option<&CatalogMeal> {
        self.offer.as_ref()?.catalog.menu.meals.iter().find(|meal| meal.id == id)
    }

    /// Its hours and how long it cooks, likewise.
    pub(crate) fn kitchen(&self) -> Option<&Offer> {
        self.offer.as_ref()
    }

    /// What the option, or the group of options, is called because of which a meal has no price.
    pub(crate) fn name_at_fault(&self, refusal: PriceRefusal) -> Option<&str> {
        let groups = &self.offer.as_ref()?.catalog.menu.groups;
        match refusal {
            PriceRefusal::OptionUnknown(id) | PriceRefusal::OptionUnavailable(id) => {
                let mut options = groups.iter().flat_map(|group| &group.options);
                options.find(|option| option.id == id).map(|option| option.name.as_str())
            }
            PriceRefusal::TooFewChoices(id) | PriceRefusal::TooManyChoices(id) => {
                groups.iter().find(|group| group.id == id).map(|group| group.name.as_str())
            }
            PriceRefusal::MealUnavailable | PriceRefusal::MealtimeOver | PriceRefusal::PriceChanged(_) => None,
        }
    }

    /// What the options are called, in the order of the menu, with how often each is chosen. Those that the menu lost have no name.
    pub(crate) fn names(&self, options: &Options) -> Vec<(&str, u16)> {
        let groups = self.offer.iter().flat_map(|offer| &offer.catalog.menu.groups);
        let offered = groups.flat_map(|group| &group.options);
        let named = offered.filter_map(|option| {
            let chosen = options.chosen().iter().find(|chosen| chosen.option_id == option.id)?;
            Some((option.name.as_str(), chosen.quantity))
        });
        named.collect()
    }
}

impl Offer {
    fn parts(&self) -> u64 {
        let menu = &self.catalog.menu;
        let options: usize = menu.groups.iter().map(|group| 1 + group.options.len()).sum();
        (menu.meals.len() + options) as u64
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Whether it brings meals to the address. Where it is not known where the restaurant is, it brings them anywhere.
    pub(crate) fn delivers_to(&self, address: &AddressDetails) -> bool {
        let Some(place) = &self.catalog.place else { return true };
        let point = |latitude: Option<f64>, longitude: Option<f64>| Coordinates::new(latitude?, longitude?).ok();
        let (here, there) = (point(place.latitude, place.longitude), point(address.latitude, address.longitude));
        let area = here.and_then(|here| DeliveryArea::new(here, place.radius_m, place.area.as_deref()).ok());
        let (from, to) = (place_key(&place.city), place_key(&address.city));
        let site = |city_key, coordinates| Site { city_key, coordinates };
        area.unwrap_or_default().delivers(site(&from, here), site(&to, there)).delivers
    }

    pub(crate) fn time_zone(&self) -> Tz {
        self.schedule.time_zone
    }

    pub(crate) fn hours(&self, now: Timestamp) -> HoursState {
        self.schedule.state(now)
    }

    /// Whether it takes a break though it would be open.
    pub(crate) fn is_paused(&self, now: Timestamp) -> bool {
        let is_paused = self.schedule.paused_until.is_some_and(|until| now < until);
        is_paused && Schedule { paused_until: None, ..self.schedule.clone() }.state(now).is_open()
    }
}

/// Hours that this release can't read are those of nobody: the restaurant is shown closed then.
fn schedule(catalog: &Catalog) -> Schedule {
    let special_days: BTreeMap<_, DayHours> =
        catalog.special_days.iter().map(|day| (day.date, day.intervals.parse().unwrap_or_default())).collect();
    Schedule {
        time_zone: catalog.time_zone.parse().unwrap_or(Tz::Europe__Istanbul),
        week: catalog.opening_hours.clone(),
        special_days,
        closures: catalog.closures.iter().map(|closure| Closure { from: closure.from, until: closure.until }).collect(),
        paused_until: catalog.paused_until,
        last_order_minutes: catalog.last_order_min,
    }
}
