//! What a cart has to hold behind a merge: each unit that was acknowledged, once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Units of each meal.
pub(crate) type Units = BTreeMap<String, i64>;

/// What was put into the cart of an account, and into the anonymous one that went into it.
#[derive(Debug, Clone, Default)]
pub(crate) struct CartPromise {
    own: Units,
    guest: Units,
}

/// What was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CartCheck {
    /// All of it.
    Whole,
    /// Less of what was in the anonymous cart, whose store was wiped.
    LostByWipe,
    /// Something else, which no promise allows.
    Wrong(String),
}

impl CartPromise {
    /// The account's cart has so many of the meal, however many it had.
    pub(crate) fn set_own(&mut self, meal: &str, units: i64) {
        self.own.insert(meal.to_owned(), units);
    }

    /// The anonymous cart has so many more of it.
    pub(crate) fn add_guest(&mut self, meal: &str, units: i64) {
        *self.guest.entry(meal.to_owned()).or_default() += units;
    }

    /// Holds what was `found` in the account's cart against it; `was_wiped` since something was put into the anonymous one.
    pub(crate) fn check(&self, found: &Units, was_wiped: bool) -> CartCheck {
        let of = |units: &Units, meal: &str| units.get(meal).copied().unwrap_or_default();
        let meals: BTreeSet<&String> = self.own.keys().chain(self.guest.keys()).chain(found.keys()).collect();
        let mut is_whole = true;
        for meal in meals {
            let (own, guest, found) = (of(&self.own, meal), of(&self.guest, meal), of(found, meal));
            let least = if was_wiped { own } else { own + guest };
            if !(least..=own + guest).contains(&found) {
                return CartCheck::Wrong(format!(
                    "a cart holds {found} of {meal}, of {own} and {guest} that were put there"
                ));
            }
            is_whole &= found == own + guest;
        }
        if is_whole { CartCheck::Whole } else { CartCheck::LostByWipe }
    }
}

/// The units in an answer that lists lines.
pub(crate) fn units(lines: &Value) -> Units {
    let mut units = Units::new();
    for line in lines.as_array().into_iter().flatten() {
        let meal = line["meal_id"].as_str().unwrap_or_default();
        *units.entry(meal.to_owned()).or_default() += line["quantity"].as_i64().unwrap_or_default();
    }
    units
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Two of a, of which one came from the anonymous cart, and three of b from there.
    fn promise() -> CartPromise {
        let mut promise = CartPromise::default();
        promise.set_own("a", 5);
        promise.set_own("a", 1);
        promise.add_guest("a", 1);
        promise.add_guest("b", 1);
        promise.add_guest("b", 2);
        promise
    }

    fn found(a: i64, b: i64) -> Units {
        units(&json!([{ "meal_id": "a", "quantity": a }, { "meal_id": "b", "quantity": b }]))
    }

    #[test]
    fn a_cart_holds_each_unit_once() {
        assert_eq!(promise().check(&found(2, 3), false), CartCheck::Whole);
        assert_eq!(promise().check(&found(2, 3), true), CartCheck::Whole);
        for wrong in [found(1, 3), found(2, 2), found(2, 0), found(3, 3), found(2, 6)] {
            assert!(matches!(promise().check(&wrong, false), CartCheck::Wrong(_)), "{wrong:?}");
        }
    }

    #[test]
    fn a_wipe_takes_what_was_in_the_anonymous_cart_and_nothing_else() {
        for less in [found(1, 0), found(1, 3), found(2, 1)] {
            assert_eq!(promise().check(&less, true), CartCheck::LostByWipe, "{less:?}");
        }
        for wrong in [found(0, 3), found(2, 4), found(3, 0)] {
            assert!(matches!(promise().check(&wrong, true), CartCheck::Wrong(_)), "{wrong:?}");
        }
    }

    #[test]
    fn a_cart_holds_nothing_that_nobody_put_there() {
        let more = units(&json!([{ "meal_id": "c", "quantity": 1 }]));

        for was_wiped in [false, true] {
            assert!(matches!(CartPromise::default().check(&more, was_wiped), CartCheck::Wrong(_)));
        }
    }
}
