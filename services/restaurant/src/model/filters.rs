//! Which restaurants a list or a search wants.

use contracts::UserId;
use contracts::geography::{Coordinates, Site};

use super::{Facts, OpenAt, WordSet};

/// What must hold of a restaurant. What is not asked for holds of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    pub(crate) status: Option<String>,
    pub(crate) owner: Option<OwnerFilter>,
    pub(crate) city: Option<String>,
    pub(crate) district: Option<String>,
    pub(crate) min_rating: Option<f64>,
    pub(crate) max_delivery: Option<f64>,
    /// The least that a restaurant takes is so much at least, as the first platform has it.
    pub(crate) min_order: Option<f64>,
    pub(crate) max_min_order: Option<f64>,
    pub(crate) max_prep_time: Option<u8>,
    /// Any of them.
    pub(crate) cuisines: Vec<WordSet>,
    pub(crate) open_at: Option<OpenAt>,
    /// Where whoever asks is, and how far they go.
    pub(crate) within: Option<(Coordinates, f64)>,
    pub(crate) delivers_to: Option<DeliveryPlace>,
}

/// Whose restaurants are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnerFilter {
    Owner(UserId),
    /// What was sent is nobody's id.
    Nobody,
}

/// Where something is to be delivered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeliveryPlace {
    pub(crate) coordinates: Coordinates,
    /// The key of its il.
    pub(crate) city: String,
}

impl Filters {
    /// Whether all of it holds.
    pub(crate) fn fit(&self, facts: &Facts) -> bool {
        let Self { status, owner, city, district, min_rating, max_delivery, .. } = self;
        let Self { min_order, max_min_order, max_prep_time, cuisines, open_at, within, delivers_to, .. } = self;
        holds(status, |status| status == facts.status.as_str())
            && holds(owner, |owner| *owner == OwnerFilter::Owner(facts.owner_id))
            && holds(city, |city| **city == *facts.city)
            && holds(district, |district| **district == *facts.district)
            && holds(min_rating, |least| units(facts.rating.into()) >= *least)
            && holds(max_delivery, |most| units(facts.delivery_fee.kurus()) <= *most)
            && holds(min_order, |least| units(facts.min_order.kurus()) >= *least)
            && holds(max_min_order, |most| units(facts.min_order.kurus()) <= *most)
            && holds(max_prep_time, |most| facts.prep_time <= i16::from(*most))
            && (cuisines.is_empty() || cuisines.iter().any(|cuisine| facts.words.has_all(cuisine)))
            && holds(within, |(from, metres)| {
                facts.coordinates.is_some_and(|to| f64::from(from.distance(to)) <= *metres)
            })
            && holds(delivers_to, |place| place.is_served_by(facts))
            && holds(open_at, |at| facts.open.is_open(*at))
    }
}

impl DeliveryPlace {
    fn is_served_by(&self, facts: &Facts) -> bool {
        let place = Site { city_key: &self.city, coordinates: Some(self.coordinates) };
        facts.area.delivers(facts.site(), place).delivers
    }
}

fn holds<T>(asked: &Option<T>, holds: impl FnOnce(&T) -> bool) -> bool {
    asked.as_ref().is_none_or(holds)
}

/// Of hundredths. Divided, it is the very number that somebody writes with two decimals; multiplied, that would not be it.
#[expect(clippy::cast_precision_loss, reason = "nothing costs 2^53 kuruş")]
fn units(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}
