//! The carts that adds go to, one after the other.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clock::Sources;
use uuid::Uuid;

/// Meals of each cart.
pub(super) const MEALS: u64 = 8;
/// Of each of them; a line takes 99.
const MOST_OF_A_MEAL: u64 = 96;
/// New carts of one network; it may have 300 an hour.
const CARTS_OF_A_NETWORK: u64 = 100;

/// Carts in a row, of which each is filled before the next one; whoever shares it adds to the same one.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Makes their ids others than those of any other shelf.
    first: u64,
    meals: u64,
    units_of_a_cart: u64,
    /// Adds that have begun.
    adds: AtomicU64,
    /// After so many it is full.
    most: u64,
}

/// Where an add goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) cart: Uuid,
    pub(super) meal: Uuid,
    pub(super) network: Ipv4Addr,
}

impl Shelf {
    pub(super) const RESTAURANT: Uuid = Uuid::from_u64_pair(7, 7);

    /// One that never fills.
    pub(super) fn new(sources: &Sources) -> Arc<Self> {
        Self::of(sources, u64::MAX, MEALS, MOST_OF_A_MEAL)
    }

    /// One of so many carts with a unit of each of so many meals.
    pub(super) fn of_small_carts(sources: &Sources, carts: u64, meals: u64) -> Arc<Self> {
        Self::of(sources, carts * meals, meals, 1)
    }

    fn of(sources: &Sources, most: u64, meals: u64, of_a_meal: u64) -> Arc<Self> {
        let first = u64::from_be_bytes(sources.bytes());
        Arc::new(Self { first, meals, units_of_a_cart: meals * of_a_meal, adds: AtomicU64::new(0), most })
    }

    pub(super) fn meal(number: u64) -> Uuid {
        Uuid::from_u64_pair(1, number)
    }

    /// Where the next unit goes; nowhere once all are full.
    pub(super) fn next(&self) -> Option<Place> {
        let number = self.adds.fetch_add(1, Ordering::Relaxed);
        (number < self.most).then(|| self.place(number))
    }

    /// Where the last one went.
    pub(super) fn last(&self) -> Place {
        self.place(self.adds.load(Ordering::Relaxed).saturating_sub(1))
    }

    fn place(&self, number: u64) -> Place {
        let cart = number / self.units_of_a_cart;
        // A server counts by the first three of its numbers.
        let [.., high, middle, low] = self.first.wrapping_add(cart / CARTS_OF_A_NETWORK).to_be_bytes();
        Place {
            cart: Uuid::from_u64_pair(self.first, cart),
            meal: Self::meal(number % self.meals),
            network: Ipv4Addr::new(11 + high % 100, middle, low, 7),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_is_filled_before_the_next_one() {
        let shelf = Shelf::of_small_carts(&Sources::system(), 2, 3);

        let places: Vec<Place> = std::iter::from_fn(|| shelf.next()).collect();

        assert_eq!(places.len(), 6);
        assert!(places[..3].iter().all(|place| place.cart == places[0].cart));
        assert!(places[3..].iter().all(|place| place.cart == places[3].cart));
        assert_ne!(places[0].cart, places[3].cart);
        assert_eq!(places[4].meal, Shelf::meal(1));
    }
}
